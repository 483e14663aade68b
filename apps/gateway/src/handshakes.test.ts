import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as sendRequest } from "node:http";
import { generateTestRequest, type Provider, type ProviderId, providers } from "@hooks/signing/providers";
import { createTemporaryFolder } from "@hooks/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { fetchKey, signers } from "./test-support/provider-requests.ts";
import { secretOf, settingsOf } from "./test-support/provider-secrets.ts";
import { silentLog } from "./test-support/silent-log.ts";

const folder = createTemporaryFolder("hooks-gateway-handshakes");

/** What a provider asks, and what it wants to hear. */
interface Question {
  readonly provider: ProviderId;
  readonly method?: "GET" | "HEAD" | "OPTIONS";
  readonly settings?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Answered only when it was signed. */
  readonly isSigned?: true;
  readonly status?: number;
  readonly answer?: (secret: string) => string;
  readonly answerHeaders?: Readonly<Record<string, string>>;
}

const hmac = (secret: string, text: string) => createHmac("sha256", secret).update(text);
const uuid = "9b4507b3-9040-4669-9ca3-6b94edb50553";
const token = "20f9f8ed05f77439fe955c977e4c8a53";

const questions: readonly Question[] = [
  {
    provider: "adobe-sign",
    method: "GET",
    settings: { clientId: "CBJ" },
    headers: { "x-adobesign-clientid": "CBJ" },
    answerHeaders: { "x-adobesign-clientid": "CBJ" },
  },
  {
    provider: "asana",
    settings: { awaitSecret: "true" },
    headers: { "x-hook-secret": token },
    answerHeaders: { "x-hook-secret": token },
  },
  {
    provider: "azure-event-grid",
    method: "OPTIONS",
    headers: { "webhook-request-origin": "eventgrid.azure.net" },
    answerHeaders: { "webhook-allowed-origin": "eventgrid.azure.net" },
  },
  {
    provider: "azure-event-grid",
    isSigned: true,
    headers: { "aeg-event-type": "SubscriptionValidation" },
    body: `[{"id":"1","data":{"validationCode":"${uuid}"}}]`,
    answer: () => JSON.stringify({ validationResponse: uuid }),
  },
  { provider: "bitbucket", headers: { "x-event-key": "diagnostics:ping" }, body: '{"test":true}' },
  {
    provider: "braintree",
    method: "GET",
    query: `?bt_challenge=${token}`,
    settings: { publicKey: "public" },
    answer: (secret) =>
      `public|${createHmac("sha1", createHash("sha1").update(secret).digest()).update(token).digest("hex")}`,
  },
  {
    provider: "cloudevents",
    method: "OPTIONS",
    settings: { allowedOrigins: "sender.example.com" },
    headers: { "webhook-request-origin": "sender.example.com" },
    answerHeaders: { "webhook-allowed-origin": "sender.example.com", allow: "POST" },
  },
  { provider: "discord", isSigned: true, body: '{"type":1}', answer: () => '{"type":1}' },
  { provider: "discord", isSigned: true, body: '{"type":0}', status: 204 },
  { provider: "dropbox", method: "GET", query: "?challenge=xyz", answer: () => "xyz" },
  {
    provider: "ebay",
    method: "GET",
    query: "?challenge_code=a8628072",
    settings: { verificationToken: "t".repeat(32), endpointUrl: "https://example.com/in/ebay" },
    answer: () => {
      const text = `a8628072${"t".repeat(32)}https://example.com/in/ebay`;
      return JSON.stringify({ challengeResponse: createHash("sha256").update(text).digest("hex") });
    },
  },
  { provider: "github", isSigned: true, headers: { "x-github-event": "ping" } },
  { provider: "intercom", method: "HEAD" },
  { provider: "intercom", isSigned: true, body: '{"topic":"ping"}' },
  {
    provider: "linkedin",
    method: "GET",
    query: `?challengeCode=${uuid}&applicationId=4`,
    answer: (secret) =>
      JSON.stringify({ challengeCode: uuid, challengeResponse: hmac(secret, uuid).digest("hex") }),
  },
  {
    provider: "meta",
    method: "GET",
    settings: { verifyToken: "mine" },
    query: "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=mine",
    answer: () => "1158201444",
  },
  { provider: "microsoft-graph", query: "?validationToken=Validation%3a+1", answer: () => "Validation: 1" },
  { provider: "monday", body: `{"challenge":"${token}"}`, answer: () => `{"challenge":"${token}"}` },
  { provider: "notion", settings: { awaitSecret: "true" }, body: `{"verification_token":"secret_${token}"}` },
  { provider: "nylas", method: "GET", query: "?challenge=bc609b38", answer: () => "bc609b38" },
  {
    provider: "okta",
    method: "GET",
    headers: { "x-okta-verification-challenge": "mine" },
    answer: () => '{"verification":"mine"}',
  },
  { provider: "onfleet", method: "GET", query: "?check=YjQ2", answer: () => "YjQ2" },
  {
    provider: "slack",
    isSigned: true,
    body: '{"challenge":"3eZbrw1aBm2rZgRNFdxV","type":"url_verification"}',
    answer: () => "3eZbrw1aBm2rZgRNFdxV",
  },
  { provider: "trello", method: "HEAD" },
  {
    provider: "twitch",
    isSigned: true,
    headers: { "twitch-eventsub-message-type": "webhook_callback_verification" },
    body: '{"challenge":"pogchamp","subscription":{}}',
    answer: () => "pogchamp",
  },
  {
    provider: "woocommerce",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "webhook_id=12",
  },
  {
    provider: "x",
    method: "GET",
    query: `?crc_token=${uuid}&nonce=MTY5`,
    answer: (secret) => JSON.stringify({ response_token: `sha256=${hmac(secret, uuid).digest("base64")}` }),
  },
  { provider: "xero", isSigned: true, body: '{"events":[],"firstEventSequence":0,"entropy":"S0m3r4N"}' },
  {
    provider: "zoom",
    isSigned: true,
    body: '{"payload":{"plainToken":"qgg8"},"event_ts":1,"event":"endpoint.url_validation"}',
    answer: (secret) =>
      JSON.stringify({ plainToken: "qgg8", encryptedToken: hmac(secret, "qgg8").digest("hex") }),
  },
];

const asked = Object.values(providers).filter(({ handshakes }) => handshakes !== undefined);
const secretsFile = (id: string) => `${folder.path}/${id}.secrets`;

let gateway: Gateway;
let port: number;
beforeAll(async () => {
  const sources = Object.fromEntries(asked.map((row) => [row.id, sourceOf(row)]));
  const loaded = loadConfig({
    env: { HOOKS_CONFIG: "gateway.json", PORT: "0", INBOX_URL: `sqlite:${folder.path}/inbox.db` },
    readFile: (path) => (path === "gateway.json" ? JSON.stringify({ sources }) : ""),
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  gateway = await createGateway({ config: loaded.config, log: silentLog, fetchKey });
  port = await gateway.start();
});
afterAll(async () => {
  await gateway.stop();
  await folder.remove();
});

describe("the gateway, asked by a provider", () => {
  it("is asked by every provider that asks", () => {
    const covered = new Set<string>([...questions.map(({ provider }) => provider), "aws-sns"]);
    expect(asked.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  });

  it.each(questions.map((one) => [one.provider, one.method ?? "POST", one] as const))(
    "answers %s (%s)",
    async (id, method, question) => {
      const answer = await ask(question, true);
      expect(answer.status).toBe(question.status ?? 200);
      expect(answer.headers).toMatchObject(question.answerHeaders ?? {});
      expect(answer.body).toBe(question.answer?.(secretOf(providers[id])) ?? "");
      if (question.isSigned === true) {
        const forged = await ask(question, false);
        expect(JSON.parse(forged.body)).toMatchObject({ code: "signature_invalid" });
      }
      if (method === "GET") {
        const other = await ask({ provider: id, method, query: "?nothing=1" }, true);
        expect(JSON.parse(other.body)).toMatchObject({ code: "challenge_failed" });
      }
      expect((await gateway.inbox.depth(id)).waiting).toBe(0);
    },
  );

  it("keeps the secrets that Asana and Notion say", async () => {
    expect(readFileSync(secretsFile("asana"), "utf8")).toBe(`${token}\n`);
    expect(readFileSync(secretsFile("notion"), "utf8")).toBe(`secret_${token}\n`);
  });
});

function sourceOf(row: Provider) {
  const own = questions.filter(({ provider }) => provider === row.id).map(({ settings }) => settings);
  const settings: Record<string, string> = Object.assign({}, ...own);
  const isAwaiting = settings["awaitSecret"] === "true";
  return {
    provider: row.id,
    ...(isAwaiting ? { secretsFrom: secretsFile(row.id) } : {}),
    secrets:
      row.id === "discord" ? signers["discord"]?.secrets : row.hasNoSecrets === true ? [] : [secretOf(row)],
    settings: { ...(row.hasNoSecrets === true ? signers[row.id]?.settings : settingsOf(row)), ...settings },
    rateLimit: { perSecond: 1_000 },
  };
}

interface Heard {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(question: Question, isGenuine: boolean): Promise<Heard> {
  const { provider, method = "POST", query = "", headers = {} } = question;
  const { body, headers: signed, search } = sign(question, isGenuine);
  const all = {
    ...headers,
    ...signed,
    ...(method === "POST" ? { "content-length": String(body.length) } : {}),
  };
  return new Promise((resolve, reject) => {
    const path = `/in/${provider}${query}${search}`;
    const sent = sendRequest(
      { port, host: "127.0.0.1", path, method, headers: all, agent: false },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () =>
          resolve({ status: response.statusCode, headers: response.headers, body: text }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(method === "POST" ? body : undefined);
  });
}

function sign({ provider, isSigned, body = "", headers = {} }: Question, isGenuine: boolean) {
  if (isSigned !== true) return { body: Buffer.from(body), headers: {}, search: "" };
  const url = `http://127.0.0.1:${port}/in/${provider}`;
  const signer = signers[provider];
  if (signer !== undefined) {
    const sent = signer.send(url, isGenuine, body);
    return { body: Buffer.from(sent.body), headers: sent.headers, search: "" };
  }
  const row = providers[provider];
  const sent = generateTestRequest(row, {
    secret: secretOf(row, isGenuine),
    body,
    url,
    headers,
    settings: settingsOf(row),
  });
  return { body: Buffer.from(sent.body), headers: sent.headers, search: new URL(sent.url).search };
}
