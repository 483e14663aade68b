import { createHash, createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerHandshake } from "./answer.ts";
import type { Handshake, HandshakeAnswer, HandshakeRequest, HandshakeStage } from "./handshake.ts";
import { isSignedForAnyone } from "./oracle.ts";
import { handshakes } from "./rows.ts";

type Name = keyof typeof handshakes;
const names = Object.keys(handshakes) as readonly Name[];
const secrets = ["a-secret-of-the-receiver"];
const [secret = ""] = secrets;

interface Exchange {
  readonly provider: Name;
  readonly stage: HandshakeStage;
  readonly settings?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly answer: HandshakeAnswer;
}

const nosniff = { "x-content-type-options": "nosniff" };
const respond = (status: number, headers = {}, body = ""): HandshakeAnswer => ({
  kind: "respond",
  status,
  headers,
  body,
});
const text = (body: string) =>
  respond(200, { "content-type": "text/plain; charset=utf-8", ...nosniff }, body);
const json = (value: unknown) =>
  respond(200, { "content-type": "application/json", ...nosniff }, JSON.stringify(value));
const empty = { status: 200, headers: {}, body: "" };
const hmac = (message: string) => createHmac("sha256", secret).update(message);

const uuid = "9b4507b3-9040-4669-9ca3-6b94edb50553";
const topicArn = "arn:aws:sns:eu-west-1:123456789012:orders";
const subscribeUrl = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=2336`;
const callback = "https://sender.example.com/allow?id=12&x=1";

/** One request of each kind that the providers' documentation shows, and its answer. */
const exchanges: readonly Exchange[] = [
  {
    provider: "adobe-sign",
    stage: "unverified",
    settings: { clientId: "CBJCHBCAABAA" },
    method: "GET",
    headers: { "x-adobesign-clientid": "CBJCHBCAABAA" },
    answer: respond(200, { "x-adobesign-clientid": "CBJCHBCAABAA" }),
  },
  {
    provider: "asana",
    stage: "unverified",
    settings: { awaitSecret: "true" },
    headers: { "x-hook-secret": "b537207f20cbfa02357cf448134da559" },
    answer: {
      kind: "secret",
      secret: "b537207f20cbfa02357cf448134da559",
      respond: { ...empty, headers: { "x-hook-secret": "b537207f20cbfa02357cf448134da559" } },
    },
  },
  {
    provider: "aws-sns",
    stage: "verified",
    settings: { confirmSubscriptions: "true", topicArns: `arn:other, ${topicArn}` },
    body: { Type: "SubscriptionConfirmation", TopicArn: topicArn, SubscribeURL: subscribeUrl },
    answer: { kind: "confirm", url: subscribeUrl, respond: empty },
  },
  {
    provider: "azure-event-grid",
    stage: "verified",
    headers: { "aeg-event-type": "SubscriptionValidation" },
    body: [{ id: "1", data: { validationCode: "512d38b6-c7b8-40c8-89fe-f46f9e9622b6" } }],
    answer: json({ validationResponse: "512d38b6-c7b8-40c8-89fe-f46f9e9622b6" }),
  },
  {
    provider: "azure-event-grid",
    stage: "unverified",
    method: "OPTIONS",
    headers: { "webhook-request-origin": "eventgrid.azure.net" },
    answer: respond(200, {
      "webhook-allowed-origin": "eventgrid.azure.net",
      "webhook-allowed-rate": "*",
      allow: "POST",
    }),
  },
  {
    provider: "bitbucket",
    stage: "unverified",
    headers: { "x-event-key": "diagnostics:ping" },
    body: { test: true },
    answer: respond(200),
  },
  {
    provider: "braintree",
    stage: "unverified",
    settings: { publicKey: "integration_public_key" },
    method: "GET",
    query: "?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53",
    answer: text(
      `integration_public_key|${createHmac("sha1", createHash("sha1").update(secret).digest())
        .update("20f9f8ed05f77439fe955c977e4c8a53")
        .digest("hex")}`,
    ),
  },
  {
    provider: "cloudevents",
    stage: "unverified",
    settings: { allowedOrigins: "a.example.com,eventemitter.example.com", allowedRate: "100" },
    method: "OPTIONS",
    headers: { "webhook-request-origin": "eventemitter.example.com", "webhook-request-rate": "120" },
    answer: respond(200, {
      "webhook-allowed-origin": "eventemitter.example.com",
      "webhook-allowed-rate": "100",
      allow: "POST",
    }),
  },
  {
    provider: "cloudevents",
    stage: "unverified",
    settings: { allowedOrigins: "*", confirmCallbacks: "true" },
    method: "OPTIONS",
    headers: { "webhook-request-origin": "sender.example.com", "webhook-request-callback": callback },
    answer: { kind: "confirm", url: callback, respond: { ...empty, headers: { allow: "POST" } } },
  },
  { provider: "discord", stage: "verified", body: { version: 1, type: 0 }, answer: respond(204) },
  { provider: "discord", stage: "verified", body: { type: 1 }, answer: json({ type: 1 }) },
  { provider: "dropbox", stage: "unverified", method: "GET", query: "?challenge=xyz", answer: text("xyz") },
  {
    provider: "ebay",
    stage: "unverified",
    settings: { verificationToken: "t".repeat(32), endpointUrl: "https://example.com/in/ebay" },
    method: "GET",
    query: "?challenge_code=a8628072",
    answer: json({
      challengeResponse: createHash("sha256")
        .update(`a8628072${"t".repeat(32)}https://example.com/in/ebay`)
        .digest("hex"),
    }),
  },
  { provider: "github", stage: "verified", headers: { "x-github-event": "ping" }, answer: respond(200) },
  { provider: "intercom", stage: "unverified", method: "HEAD", answer: respond(200) },
  { provider: "intercom", stage: "verified", body: { topic: "ping" }, answer: respond(200) },
  {
    provider: "linkedin",
    stage: "unverified",
    method: "GET",
    query: `?challengeCode=${uuid}&applicationId=4`,
    answer: json({ challengeCode: uuid, challengeResponse: hmac(uuid).digest("hex") }),
  },
  {
    provider: "meta",
    stage: "unverified",
    settings: { verifyToken: "mytoken" },
    method: "GET",
    query: "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=mytoken",
    answer: text("1158201444"),
  },
  {
    provider: "microsoft-graph",
    stage: "unverified",
    query: "?validationToken=Validation%3a+Testing+client+application+reachability+Request-Id%3a+522a",
    answer: text("Validation: Testing client application reachability Request-Id: 522a"),
  },
  {
    provider: "monday",
    stage: "unverified",
    body: { challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P" },
    answer: json({ challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P" }),
  },
  {
    provider: "notion",
    stage: "unverified",
    settings: { awaitSecret: "true" },
    body: { verification_token: "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl" },
    answer: {
      kind: "secret",
      secret: "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl",
      respond: empty,
    },
  },
  {
    provider: "nylas",
    stage: "unverified",
    method: "GET",
    query: "?challenge=bc609b38",
    answer: text("bc609b38"),
  },
  {
    provider: "okta",
    stage: "unverified",
    method: "GET",
    headers: { "x-okta-verification-challenge": "my verification challenge" },
    answer: json({ verification: "my verification challenge" }),
  },
  { provider: "onfleet", stage: "unverified", method: "GET", query: "?check=YjQ2", answer: text("YjQ2") },
  {
    provider: "slack",
    stage: "verified",
    body: { token: "Jhj5dZrVaK7ZwHHjRyZWjbDl", challenge: "3eZbrw1aBm2rZgRNFdxV", type: "url_verification" },
    answer: text("3eZbrw1aBm2rZgRNFdxV"),
  },
  { provider: "trello", stage: "unverified", method: "HEAD", answer: respond(200) },
  {
    provider: "twitch",
    stage: "verified",
    headers: { "twitch-eventsub-message-type": "webhook_callback_verification" },
    body: { challenge: "pogchamp-kappa-360noscope-vohiyo", subscription: {} },
    answer: text("pogchamp-kappa-360noscope-vohiyo"),
  },
  {
    provider: "woocommerce",
    stage: "unverified",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "webhook_id=12",
    answer: respond(200),
  },
  {
    provider: "x",
    stage: "unverified",
    method: "GET",
    query: `?crc_token=${uuid}&nonce=MTY5`,
    answer: json({ response_token: `sha256=${hmac(uuid).digest("base64")}` }),
  },
  {
    provider: "xero",
    stage: "verified",
    body: { events: [], lastEventSequence: 0, firstEventSequence: 0, entropy: "S0m3r4N" },
    answer: respond(200),
  },
  {
    provider: "zoom",
    stage: "verified",
    body: {
      payload: { plainToken: "qgg8vlvZRS6UYooatFL8Aw" },
      event_ts: 1,
      event: "endpoint.url_validation",
    },
    answer: json({
      plainToken: "qgg8vlvZRS6UYooatFL8Aw",
      encryptedToken: hmac("qgg8vlvZRS6UYooatFL8Aw").digest("hex"),
    }),
  },
];

const requestOf = ({
  method = "POST",
  query = "",
  headers = {},
  body = "",
}: Partial<Exchange>): HandshakeRequest => ({
  method,
  url: `https://example.com/in${query}`,
  headers,
  body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
});

/** Answers a request that is like an exchange but for what is changed. */
const answer = (exchange: Exchange, change: Partial<Exchange> = {}): HandshakeAnswer => {
  const { provider, stage, settings = {}, ...request } = { ...exchange, ...change };
  return answerHandshake(handshakes[provider], requestOf(request), { stage, settings, secrets });
};

const exchangeOf = (provider: Name, stage?: HandshakeStage): Exchange =>
  exchanges.find((one) => one.provider === provider && one.stage === (stage ?? one.stage))!;

describe("answerHandshake", () => {
  it.each(exchanges)("answers $provider ($stage, $method) as documented", (exchange) => {
    expect(answer(exchange)).toEqual(exchange.answer);
  });

  it("has an exchange for every row", () => {
    const rows: readonly Handshake[] = names.flatMap((name) => [...handshakes[name]]);
    const answered = rows.filter((row) =>
      exchanges.some(({ stage, settings = {}, ...request }) => {
        const context = { stage, settings, secrets };
        return answerHandshake([row], requestOf(request), context).kind !== "none";
      }),
    );
    // The callback of CloudEvents stands in two tables and is tried once.
    expect(rows.filter((row) => !answered.includes(row)).map((row) => row.methods)).toEqual([]);
  });

  it.each(exchanges)("answers $provider at its stage only", (exchange) => {
    const stage = exchange.stage === "verified" ? "unverified" : "verified";
    expect(answer(exchange, { stage })).toEqual({ kind: "none" });
  });

  it.each(names)("takes an event of %s for no handshake", (provider) => {
    for (const stage of ["unverified", "verified"] as const) {
      const body = { id: "1", type: "invoice.paid", event: { id: 2 }, data: [], events: [{ id: 3 }] };
      const exchange = { ...exchangeOf(provider), headers: {}, query: "", method: "POST", stage, body };
      expect(answer(exchange)).toEqual({ kind: "none" });
    }
  });

  it.each(["asana", "aws-sns", "notion"] as const)("answers %s only when told to", (provider) => {
    for (const value of ["", "false", "1", "TRUE"]) {
      const { settings = {} } = exchangeOf(provider);
      const off = Object.fromEntries(
        Object.entries(settings).map(([name, was]) => [name, was === "true" ? value : was]),
      );
      expect(answer(exchangeOf(provider), { settings: off })).toEqual({ kind: "none" });
      expect(answer(exchangeOf(provider), { settings: {} })).toEqual({ kind: "none" });
    }
  });

  it("sends nothing that a browser would take for a page", () => {
    const bodies = exchanges.map((exchange) => answer(exchange)).filter((one) => one.kind === "respond");
    for (const { headers, body } of bodies.filter((one) => one.body !== "")) {
      expect(headers["content-type"]).toMatch(/^(text\/plain; charset=utf-8|application\/json)$/);
      expect({ headers, body }).toMatchObject({ headers: nosniff });
    }
  });

  it.each(["<script>alert(1)</script>", "a\r\nset-cookie: a=b", "é", "", "x".repeat(1025), "\0", "&lt;"])(
    "echoes no %j",
    (hostile) => {
      const query = encodeURIComponent(hostile);
      const requests: readonly [Name, Partial<Exchange>][] = [
        ["dropbox", { query: `?challenge=${query}` }],
        ["nylas", { query: `?challenge=${query}` }],
        ["onfleet", { query: `?check=${query}` }],
        ["microsoft-graph", { query: `?validationToken=${query}` }],
        ["meta", { query: `?hub.mode=subscribe&hub.verify_token=mytoken&hub.challenge=${query}` }],
        ["slack", { body: { type: "url_verification", challenge: hostile } }],
        ["twitch", { body: { challenge: hostile } }],
        ["monday", { body: { challenge: hostile } }],
        ["okta", { headers: { "x-okta-verification-challenge": hostile } }],
        ["asana", { headers: { "x-hook-secret": hostile } }],
        ["azure-event-grid", { body: [{ data: { validationCode: hostile } }] }],
      ];
      for (const [provider, change] of requests)
        expect(answer(exchangeOf(provider), change)).toMatchObject({ kind: "refuse" });
    },
  );

  it("refuses what is there twice and what is no text", () => {
    expect(answer(exchangeOf("dropbox"), { query: "?challenge=a&challenge=b" })).toEqual({ kind: "none" });
    const twice = "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=mytoken&hub.verify_token=x";
    expect(answer(exchangeOf("meta"), { query: twice })).toMatchObject({ kind: "refuse", status: 403 });
    for (const challenge of [1, null, {}, ["a"], true])
      expect(answer(exchangeOf("slack"), { body: { type: "url_verification", challenge } })).toMatchObject({
        kind: "refuse",
      });
  });

  it.each(["", "mytokem", "mytoke", "mytokenmytoken", "MYTOKEN", "mytoken "])(
    "does not take %j for the verify token, and tells neither",
    (token) => {
      const query = `?hub.mode=subscribe&hub.challenge=1&hub.verify_token=${encodeURIComponent(token)}`;
      const refused = answer(exchangeOf("meta"), { query });
      expect(refused).toMatchObject({ kind: "refuse", status: 403 });
      expect(JSON.stringify(refused)).not.toContain("mytoken");
    },
  );

  it("refuses when a setting it needs is missing or empty, and says which", () => {
    for (const [provider, name] of [
      ["meta", "verifyToken"],
      ["ebay", "verificationToken"],
      ["braintree", "publicKey"],
      ["adobe-sign", "clientId"],
      ["cloudevents", "allowedOrigins"],
    ] as const) {
      const { settings: { [name]: _, ...settings } = {} } = exchangeOf(provider);
      for (const without of [settings, { ...settings, [name]: "" }])
        expect(answer(exchangeOf(provider), { settings: without })).toMatchObject({
          kind: "refuse",
          hint: expect.stringContaining(name),
        });
    }
  });

  it("allows only the origins that a setting lists", () => {
    for (const origin of ["evil.example.com", "eventemitter.example.com.evil", "*", "a.example.com,evil"])
      expect(
        answer(exchangeOf("cloudevents"), { headers: { "webhook-request-origin": origin } }),
      ).toMatchObject({ kind: "refuse" });
  });

  it.each([
    "http://sns.eu-west-1.amazonaws.com/",
    "https://sns.eu-west-1.amazonaws.com.evil.com/",
    "https://evil.com/sns.eu-west-1.amazonaws.com",
    "https://sns.eu-west-1.amazonaws.com@evil.com/",
    "https://user@sns.eu-west-1.amazonaws.com/",
    "https://sns.eu-west-1.amazonaws.com:8443/",
    "https://sns.a.b.amazonaws.com/",
    "https://s3.eu-west-1.amazonaws.com/",
    "https://sns.eu-west-1.amazonaws.com\\@evil.com/",
    "https://169.254.169.254/",
    "file:///etc/passwd",
    "https://",
    7,
  ])("fetches no %j to confirm a subscription of SNS", (SubscribeURL) => {
    const body = { Type: "SubscriptionConfirmation", TopicArn: topicArn, SubscribeURL };
    expect(answer(exchangeOf("aws-sns"), { body })).toMatchObject({ kind: "refuse" });
  });

  it("confirms no topic of others", () => {
    const { settings } = exchangeOf("aws-sns");
    const body = { Type: "SubscriptionConfirmation", TopicArn: `${topicArn}2`, SubscribeURL: subscribeUrl };
    expect(answer(exchangeOf("aws-sns"), { body, settings: settings! })).toMatchObject({ kind: "refuse" });
  });

  it("proves ownership with the secret that verified the request", () => {
    const { body } = exchangeOf("zoom");
    const request = { ...requestOf({ body }), keyIndex: 1 };
    const context = { stage: "verified", settings: {}, secrets: ["old", secret] } as const;
    expect(answerHandshake(handshakes.zoom, request, context)).toEqual(exchangeOf("zoom").answer);
    const none = answerHandshake(handshakes.zoom, request, { ...context, secrets: [] });
    expect(none).toMatchObject({ kind: "refuse", status: 503 });
  });

  it("parses no body larger than a handshake", () => {
    const body = { type: "url_verification", challenge: "abc", padding: "x".repeat(20_000) };
    expect(answer(exchangeOf("slack"), { body })).toEqual({ kind: "none" });
  });

  it("never throws and repeats no secret, whatever comes", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("__proto__", "constructor", "https://[", "%", "%ff"),
    );
    const arbitrary = fc.record({
      provider: fc.constantFrom(...names),
      stage: fc.constantFrom("verified" as const, "unverified" as const),
      method: fc.constantFrom("GET", "POST", "HEAD", "OPTIONS", "__proto__"),
      url: fc.oneof(
        texts,
        texts.map((one) => `/in?challenge=${one}`),
      ),
      header: texts,
      body: fc.oneof(
        fc.uint8Array(),
        fc.json().map((one) => Buffer.from(one)),
      ),
      settings: fc.dictionary(fc.constantFrom("verifyToken", "awaitSecret", "topicArns"), texts),
    });
    fc.assert(
      fc.property(arbitrary, ({ provider, stage, header, settings, ...rest }) => {
        const headers = { "x-hook-secret": header, "webhook-request-origin": header };
        const came = answerHandshake(
          handshakes[provider],
          { ...rest, headers },
          { stage, settings, secrets },
        );
        expect(JSON.stringify(came)).not.toContain(secret);
      }),
      { seed: 5, numRuns: 5_000 },
    );
  });
});

describe("isSignedForAnyone", () => {
  it("knows every message that a handshake signs with the provider's secret", () => {
    const tokens = fc.string({ unit: fc.constantFrom(...'0123456789abcdefXYZ-_.~+/={}:"'), minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom("x", "linkedin", "braintree", "zoom"), tokens, (provider, made) => {
        const token = provider === "linkedin" ? uuid : made;
        const query = encodeURIComponent(token);
        const came = answer(exchangeOf(provider), {
          query: `?crc_token=${query}&bt_challenge=${query}&challengeCode=${query}`,
          body: { event: "endpoint.url_validation", payload: { plainToken: token } },
        });
        const isSigned = came.kind === "respond";
        expect(isSignedForAnyone(handshakes[provider], Buffer.from(token))).toBe(isSigned);
      }),
      { seed: 5, numRuns: 2_000 },
    );
  });

  it("lets events be", () => {
    for (const body of [
      '{"for_user_id":"1"}',
      "v0:1700000000:{}",
      "hmacsha256={}",
      "PHN1YmplY3Q+\n",
      "x".repeat(5_000),
    ])
      for (const provider of ["x", "linkedin", "braintree", "zoom", "ebay", "slack"] as const)
        expect(isSignedForAnyone(handshakes[provider], Buffer.from(body))).toBe(false);
  });
});
