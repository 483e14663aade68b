import { createHmac } from "node:crypto";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { respond } from "./core/respond.ts";
import { type AcceptResult, type BatchResult, type Inbox, InboxUnavailable } from "./inbox.ts";
import { claim } from "./inbox/conformance/given.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createReceive, type ReceiveOptions, type ReceiveReport, type ReceiveRequest } from "./receive.ts";

const secret = generateSecret();
const sources = {
  billing: { provider: "standard-webhooks", secrets: [secret] },
  github: { provider: "github", secrets: ["topsecret"], maxBodyBytes: 1_024 },
} as const;

const failing: ReceiveRequest["body"] = async (_, hold) => {
  hold(1_000);
  throw new Error("aborted");
};
const neverWhole: ReceiveRequest["body"] = async () => ({ kind: "refused", code: "bad_request", hint: "" });

describe("createReceive", () => {
  let inbox: Inbox;
  let reports: ReceiveReport[];
  beforeEach(() => {
    inbox = createSqliteInbox({ path: ":memory:", highWaterMark: 3 });
    reports = [];
  });
  afterEach(() => inbox.close());

  const setUp = (options: Partial<ReceiveOptions> = {}) => {
    const receive = createReceive({
      sources,
      inbox,
      report: (report) => void reports.push(report),
      ...options,
    });
    return async (request: Partial<ReceiveRequest> = {}) => {
      const receipt = await receive({ source: "billing", method: "POST", ...signed(), ...request });
      const response = respond(receipt);
      return { receipt, response, json: JSON.parse(response.body) as Record<string, unknown> };
    };
  };

  it("accepts a signed event with 202, and the same event again with 200", async () => {
    const send = setUp();
    const request = signed({ id: "evt_1" });
    const first = await send(request);
    const second = await send(request);
    expect([first.response.status, first.json]).toEqual([202, { id: "evt_1", duplicate: false }]);
    expect([second.response.status, second.json]).toEqual([200, { id: "evt_1", duplicate: true }]);
    expect((await inbox.depth("billing")).waiting).toBe(1);
  });

  it("charges only the bytes that came, so that clients who promise and send nothing take no room", async () => {
    const send = setUp({ maxBufferedBytes: 10_000 });
    const { headers } = signed();
    const idle = {
      headers: { ...headers, "content-length": "1000000" },
      body: () => new Promise<never>(() => {}),
    };
    for (let index = 0; index < 500; index += 1) void send(idle);
    expect((await send()).response.status).toBe(202);
  });

  it("refuses as overloaded what does not fit beside the bodies being read, and frees the room after", async () => {
    const send = setUp({ maxBufferedBytes: 1_000 });
    const request = signed({ id: "evt_1" });
    const read =
      (bytes: number): ReceiveRequest["body"] =>
      async (_, hold) =>
        hold(bytes)
          ? { kind: "bytes", bytes: request.body }
          : { kind: "refused", code: "overloaded", hint: "" };
    expect((await send({ ...request, body: read(1_001) })).json).toMatchObject({ code: "overloaded" });
    expect((await send({ ...request, body: read(1_000) })).response.status).toBe(202);
    expect((await send({ ...request, body: read(1_000) })).response.status).toBe(200);
  });

  it("counts a body that never came whole as unverified", async () => {
    const unverified: string[] = [];
    const send = setUp({ limits: { unverified: (client) => void unverified.push(client) } });
    await send({ ...signed(), body: neverWhole, remoteAddress: "192.0.2.1" });
    expect(unverified).toEqual(["192.0.2.1"]);
  });

  it("takes GitHub's event type from its header", async () => {
    const body = Buffer.from('{"zen":true}');
    const signature = `sha256=${createHmac("sha256", "topsecret").update(body).digest("hex")}`;
    const headers = {
      "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "X-GitHub-Event": "push",
      "X-Hub-Signature-256": signature,
      Authorization: "Bearer x",
    };
    await setUp()({ source: "github", headers, body });
    const [entry] = await claim(inbox, { source: "github", limit: 1 });
    expect(entry).toMatchObject({ eventType: "push", eventId: "72d3162e-cc78-11e3-81ab-4c9367dc0958" });
    expect(Object.keys(entry!.headers)).toEqual([
      "x-github-delivery",
      "x-github-event",
      "x-hub-signature-256",
    ]);
  });

  const refusals: readonly (readonly [string, () => Partial<ReceiveRequest>, number, string])[] = [
    ["an unknown source", () => ({ source: "nobody" }), 404, "source_not_found"],
    ["a source named like a member of Object", () => ({ source: "__proto__" }), 404, "source_not_found"],
    ["another method", () => ({ method: "GET" }), 405, "method_not_allowed"],
    ["an unsigned request", () => ({ headers: {} }), 401, "signature_missing"],
    ["a wrong signature", () => ({ ...signed({ secret: generateSecret() }) }), 401, "signature_invalid"],
    ["another body", () => ({ body: Buffer.from("{ }") }), 401, "signature_invalid"],
    [
      "a stale request",
      () => signed({ timestamp: Date.now() / 1_000 - 301 }),
      401,
      "timestamp_out_of_tolerance",
    ],
    [
      "a request of the future",
      () => signed({ timestamp: Date.now() / 1_000 + 400 }),
      401,
      "timestamp_out_of_tolerance",
    ],
    ["an id with a dot", () => withHeader("webhook-id", "evt.1"), 400, "invalid_event_id"],
    ["an empty id", () => withHeader("webhook-id", ""), 400, "invalid_event_id"],
    ["a body above the limit", () => signed({ body: Buffer.alloc(1_048_577) }), 413, "payload_too_large"],
    ["a compressed body", () => withHeader("content-encoding", "gzip"), 415, "unsupported_encoding"],
  ];
  it.each(refusals)("refuses %s", async (...[, request, status, code]) => {
    const { response, json, receipt } = await setUp()(request());
    expect([response.status, json["code"], json["status"]]).toEqual([status, code, status]);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    expect(json).toMatchObject({
      requestId: receipt.requestId,
      type: expect.stringMatching(/^urn:hooks:problem:/),
    });
    expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 0 });
  });

  it("tells the diagnosis to the report and not to the sender", async () => {
    const { response } = await setUp()(withHeader("webhook-signature", "v1,AAAA"));
    const [report] = reports;
    expect(report?.hint).toBeTypeOf("string");
    expect(response.body).not.toContain(report!.hint);
    expect(JSON.stringify(reports)).not.toContain(secret);
  });

  it("does not read the body of a request it can refuse without", async () => {
    const send = setUp();
    expect((await send({ headers: {}, body })).json["code"]).toBe("signature_missing");
    for (const declared of ["1048577", "9".repeat(19)]) {
      const large = { ...signed().headers, "content-length": declared };
      expect((await send({ headers: large, body })).json["code"]).toBe("payload_too_large");
    }
  });

  it("takes what the old and the new secret sign while one is rotated, and reports which it was", async () => {
    const secrets = [secret, generateSecret(), generateSecret()];
    const send = setUp({ sources: { billing: { provider: "standard-webhooks", secrets } } });
    for (const key of secrets) expect((await send(signed({ secret: key }))).response.status).toBe(202);
    expect((await send(signed({ secret: generateSecret() }))).json["code"]).toBe("signature_invalid");
    expect(reports.map(({ keyIndex, covered }) => [keyIndex, covered])).toEqual([
      [0, "signature"],
      [1, "signature"],
      [2, "signature"],
      [undefined, undefined],
    ]);
  });

  it("is not poisoned by an unverified request with the id of a real one", async () => {
    const send = setUp();
    await send({ ...signed({ id: "evt_x", secret: generateSecret() }) });
    await send({ headers: { "webhook-id": "evt_x" } });
    expect((await send(signed({ id: "evt_x" }))).response.status).toBe(202);
  });

  it("answers 503 with Retry-After when the inbox fails, whatever it throws", async () => {
    const faults = [new InboxUnavailable("gone"), new Error("surprise")];
    for (const fault of faults) {
      const fail = () => Promise.reject<AcceptResult & BatchResult>(fault);
      const failing = { accept: fail, acceptBatch: fail };
      const { response, json } = await setUp({ inbox: failing })();
      expect([response.status, json["code"]]).toEqual([503, "queue_unavailable"]);
      expect(Number(response.headers["retry-after"])).toBeGreaterThan(0);
    }
    expect(reports.map(({ error }) => error)).toEqual(faults);
  });

  it("answers 503 backpressure at the high-water mark", async () => {
    const send = setUp();
    const statuses = [];
    for (let index = 0; index < 4; index++)
      statuses.push((await send(signed({ id: `e${index}` }))).json["code"]);
    expect(statuses).toEqual([undefined, undefined, undefined, "backpressure"]);
  });

  it("limits a source after and a client before verification", async () => {
    const asked: string[] = [];
    const admit = (source: string) => void asked.push(source);
    const unverified = (client: string) => void asked.push(client);
    const send = setUp({ limits: { admit, unverified } });
    await send({ headers: {}, remoteAddress: "::ffff:192.0.2.1" });
    await send({ remoteAddress: "192.0.2.1" });
    expect(asked).toEqual(["192.0.2.1", "billing"]);
    const busy = setUp({ limits: { admit: async () => 1_500 } });
    const { response, json } = await busy();
    expect([response.status, json["code"], response.headers["retry-after"]]).toEqual([
      429,
      "rate_limited",
      "2",
    ]);
    const blocked = setUp({ limits: { blocked: () => 10 } });
    expect((await blocked()).json["code"]).toBe("rate_limited");
  });

  it("frees the room of a body whose reading failed", async () => {
    const send = setUp({ maxBufferedBytes: 1_000 });
    expect((await send({ body: failing })).json["code"]).toBe("internal_error");
    expect((await send({ body: failing })).json["code"]).toBe("internal_error");
    const { body } = signed();
    const whole: ReceiveRequest["body"] = async (_, hold) =>
      hold(1_000) ? { kind: "bytes", bytes: body } : { kind: "refused", code: "overloaded", hint: "" };
    expect((await send({ body: whole })).json["code"]).not.toBe("overloaded");
  });

  it("answers as ever when the report throws", async () => {
    expect((await setUp({ report: failingReport })()).response.status).toBe(202);
  });

  it("keeps no token, and waits for providers that verify later", async () => {
    const claims = Buffer.from(JSON.stringify({ iss: "netlify" })).toString("base64url");
    const sources = {
      bot: { provider: "telegram", secrets: ["t0ken"] },
      site: { provider: "netlify", secrets: ["a secret of 32 characters or more"] },
    } as const;
    const send = setUp({ sources });
    const body = Buffer.from('{"update_id":7}');
    const headers = { "x-telegram-bot-api-secret-token": "t0ken", "content-type": "application/json" };
    expect((await send({ source: "bot", headers, body })).response.status).toBe(202);
    const [entry] = await claim(inbox, { source: "bot", limit: 1 });
    // What knows a token could have sent another body: whoever gets the event is told.
    expect(entry?.headers).toEqual({ "content-type": "application/json", "hooks-covered": "token" });
    expect(entry?.eventId).toBe("7");
    expect(reports[0]).toMatchObject({ outcome: "accepted", covered: "token" });
    const forged = { "x-webhook-signature": `eyJhbGciOiJIUzI1NiJ9.${claims}.${"A".repeat(43)}` };
    expect((await send({ source: "site", headers: forged, body })).response.status).toBe(401);
  });

  it("keeps the headers that a provider row of one's own names, and no other provider's", async () => {
    const shop = {
      kind: "hmac",
      id: "shop",
      name: "Shop",
      digest: "sha256",
      secret: "utf8",
      signature: { from: "header", name: "x-shop-hmac-sha256", encoding: "base64" },
      message: "{body}",
      event: {
        id: [{ from: "header", name: "x-shop-event-id" }],
        type: { from: "header", name: "x-shop-topic" },
      },
    } as const;
    const body = Buffer.from("{}");
    const own = {
      "x-shop-event-id": "1",
      "x-shop-hmac-sha256": createHmac("sha256", "s").update(body).digest("base64"),
      "x-shop-topic": "orders/create",
    };
    const send = setUp({ sources: { shop: { provider: shop, secrets: ["s"] } } });
    const headers = { ...own, cookie: "a=b", "x-github-event": "push" };
    expect((await send({ source: "shop", headers, body })).response.status).toBe(202);
    const [entry] = await claim(inbox, { source: "shop", limit: 1 });
    expect(entry?.headers).toEqual(own);
  });

  it("refuses new requests once stopped, after answering those under way", async () => {
    const receive = createReceive({ sources, inbox });
    const underWay = receive({ source: "billing", method: "POST", ...signed() });
    const stopped = receive.stop();
    expect((await underWay).kind).toBe("accepted");
    await stopped;
    const late = await receive({ source: "billing", method: "POST", ...signed() });
    expect(late).toMatchObject({ kind: "refused", code: "shutting_down" });
    expect(respond(late).status).toBe(503);
  });
});

let count = 0;

const body = () => Promise.reject(new Error("read"));

function signed(given: { id?: string; timestamp?: number; body?: Buffer; secret?: string } = {}) {
  const body = given.body ?? Buffer.from('{"type":"invoice.paid"}');
  const timestamp = Math.floor(given.timestamp ?? Date.now() / 1_000);
  const id = given.id ?? `evt_${count++}`;
  return { body, headers: { ...generateTestHeaders({ secret, id, ...given, timestamp, body }) } };
}

function withHeader(name: string, value: string): Partial<ReceiveRequest> {
  return { headers: { ...signed().headers, [name]: value } };
}

function failingReport(): never {
  throw new Error("no log");
}
