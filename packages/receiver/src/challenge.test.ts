import { createHmac } from "node:crypto";
import { providers } from "@hooks/signing/providers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { respond } from "./core/respond.ts";
import type { Inbox } from "./inbox.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createReceive, type ReceiveOptions, type ReceiveReport, type ReceiveRequest } from "./receive.ts";
import { createReceiver } from "./receiver.ts";
import type { SourceOptions } from "./source.ts";

const secret = "a-secret-of-the-receiver";
const zoomBody = Buffer.from(
  '{"event":"endpoint.url_validation","event_ts":1,"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}',
);
const topicArn = "arn:aws:sns:eu-west-1:123456789012:orders";
const callback = "https://sender.example.com/allow?id=12";

const subscribe = (token: string) =>
  `/in/way?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`;
const broken = () => Promise.reject(new Error("blocked"));

describe("challenges", () => {
  let inbox: Inbox;
  let reports: ReceiveReport[];
  beforeEach(() => {
    inbox = createSqliteInbox({ path: ":memory:" });
    reports = [];
  });
  afterEach(() => inbox.close());

  const ask = async (
    source: Partial<SourceOptions>,
    request: Partial<ReceiveRequest>,
    options: Partial<ReceiveOptions> = {},
  ) => {
    const receive = createReceive({
      sources: { way: { provider: "github", secrets: [secret], ...source } },
      inbox,
      report: (report) => void reports.push(report),
      ...options,
    });
    const given = { source: "way", method: "POST", headers: {}, body: Buffer.alloc(0), ...request };
    return respond(await receive(given));
  };

  it("answers Meta's GET with its challenge, and a wrong token with challenge_failed", async () => {
    const meta = { provider: "meta", settings: { verifyToken: "mine" } } as const;
    const right = await ask(meta, { method: "GET", url: subscribe("mine") });
    expect([right.status, right.body]).toEqual([200, "1158201444"]);
    expect(right.headers["x-content-type-options"]).toBe("nosniff");
    const wrong = await ask(meta, { method: "GET", url: subscribe("other") });
    expect([wrong.status, JSON.parse(wrong.body)]).toEqual([
      403,
      expect.objectContaining({ code: "challenge_failed" }),
    ]);
    const none = await ask(meta, { method: "GET", url: "/in/way" });
    expect(JSON.parse(none.body)).toMatchObject({ code: "challenge_failed" });
    expect(reports.map(({ outcome }) => outcome)).toEqual([
      "answered",
      "challenge_failed",
      "challenge_failed",
    ]);
    expect(await inbox.depth("way")).toEqual({ waiting: 0, dead: 0 });
  });

  it("names the methods there are", async () => {
    const trello = { provider: "trello", settings: { callbackUrl: "https://a.example/in/way" } } as const;
    expect((await ask(trello, { method: "HEAD" })).status).toBe(200);
    const refused = await ask(trello, { method: "PUT" });
    expect([refused.status, refused.headers["allow"]]).toEqual([405, "POST, HEAD"]);
    expect((await ask({}, { method: "GET" })).headers["allow"]).toBe("POST");
  });

  it("answers Zoom only when the request was verified", async () => {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const sign = (key: string) => ({
      "x-zm-request-timestamp": timestamp,
      "x-zm-signature": `v0=${createHmac("sha256", key).update(`v0:${timestamp}:`).update(zoomBody).digest("hex")}`,
    });
    const zoom = { provider: "zoom" } as const;
    const verified = await ask(zoom, { headers: sign(secret), body: zoomBody });
    expect(JSON.parse(verified.body)).toEqual({
      plainToken: "qgg8vlvZRS6UYooatFL8Aw",
      encryptedToken: createHmac("sha256", secret).update("qgg8vlvZRS6UYooatFL8Aw").digest("hex"),
    });
    const forged = await ask(zoom, { headers: sign("guess"), body: zoomBody });
    expect(JSON.parse(forged.body)).toMatchObject({ code: "signature_invalid" });
    expect(forged.body).not.toContain("encryptedToken");
    const observed = await ask({ ...zoom, enforce: false }, { headers: sign("guess"), body: zoomBody });
    expect(observed.body).not.toContain("encryptedToken");
  });

  it("reads no more of an unsigned POST than a question has", async () => {
    const settings = { notificationUrl: "https://hooks.example.com/in/way" };
    const monday = { provider: "monday", secrets: ["s".repeat(32)], settings } as const;
    const body = Buffer.from('{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}');
    expect((await ask(monday, { body })).body).toBe(body.toString());
    const large = await ask(monday, { body: Buffer.alloc(20_000, 0x20) });
    expect(JSON.parse(large.body)).toMatchObject({ code: "signature_missing", status: 401 });
    const unverified: string[] = [];
    await ask(
      monday,
      { body, remoteAddress: "192.0.2.1" },
      { limits: { unverified: (one) => void unverified.push(one) } },
    );
    expect(unverified).toEqual(["192.0.2.1"]);
  });

  it("follows a link through fetchKey before it agrees", async () => {
    const settings = { allowedOrigins: "*", confirmCallbacks: "true" };
    const headers = { "webhook-request-origin": "sender.example.com", "webhook-request-callback": callback };
    const followed: string[] = [];
    const request = { method: "OPTIONS", headers };
    const fetchKey = async ({ url }: { readonly url: string }) => String(followed.push(url));
    const cloudevents = { provider: "cloudevents", settings } as const;
    expect((await ask({ ...cloudevents, fetchKey }, request)).status).toBe(200);
    expect(followed).toEqual([callback]);
    expect((await ask({ ...cloudevents, fetchKey: broken }, request)).status).toBe(503);
    expect(JSON.parse((await ask(cloudevents, request)).body)).toMatchObject({ code: "challenge_failed" });
  });

  it("hands a provider's secret to onSecret, and never to a report", async () => {
    const asana = { provider: "asana", secrets: [], settings: { awaitSecret: "true" } } as const;
    const headers = { "x-hook-secret": "b537207f20cbfa02357cf448134da559" };
    const kept: string[][] = [];
    const answer = await ask(
      asana,
      { headers },
      { onSecret: (source, came) => void kept.push([source, came]) },
    );
    expect([answer.status, answer.headers["x-hook-secret"]]).toEqual([200, headers["x-hook-secret"]]);
    expect(kept).toEqual([["way", headers["x-hook-secret"]]]);
    const failing = { onSecret: () => Promise.reject(new Error("disk full")) };
    expect((await ask(asana, { headers }, failing)).status).toBe(503);
    expect((await ask(asana, { headers })).status).toBe(403);
    expect(JSON.stringify(reports)).not.toContain(headers["x-hook-secret"]);
  });

  it("refuses a confirmation of Amazon's for a topic that is not ours", async () => {
    const settings = { confirmSubscriptions: "true", topicArns: topicArn };
    const body = Buffer.from(JSON.stringify({ Type: "SubscriptionConfirmation", TopicArn: topicArn }));
    const forged = await ask({ provider: "aws-sns", secrets: [], settings }, { body });
    expect(JSON.parse(forged.body)["code"]).toMatch(
      /^(signature_missing|signature_invalid|key_unavailable)$/,
    );
  });

  it("acknowledges as the provider wants it", async () => {
    const wanting = Object.values(providers).filter(
      ({ acknowledge }) => acknowledge?.status !== undefined || acknowledge?.body !== undefined,
    );
    expect(wanting.length).toBeGreaterThan(3);
    const body = Buffer.from('{"events":[{"id":"EV1"}]}');
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const gocardless = { provider: "gocardless" } as const;
    const taken = await ask(gocardless, { headers: { "webhook-signature": signature }, body });
    expect([taken.status, taken.body]).toEqual([204, ""]);
    const forged = await ask(gocardless, { headers: { "webhook-signature": "0".repeat(64) }, body });
    expect([forged.status, JSON.parse(forged.body)]).toEqual([498, expect.objectContaining({ status: 498 })]);
    expect(reports.map(({ status }) => status)).toEqual([204, 498]);
  });

  it("is answered by a whole receiver as well", async () => {
    const kept: string[] = [];
    const receiver = createReceiver({
      sources: {
        asana: { provider: "asana", secrets: [], settings: { awaitSecret: "true" } },
        inside: { provider: "github", secrets: [secret], allowFrom: ["192.0.2.0/24"] },
      },
      trustedProxies: 1,
      onSecret: (_source, came) => void kept.push(came),
      inbox,
      handlers: {},
    });
    const headers = { "x-hook-secret": "b537207f20cbfa02", "x-forwarded-for": "192.0.2.1" };
    const request = { method: "POST", headers, body: Buffer.alloc(0), remoteAddress: "10.0.0.1" };
    expect(await receiver.receive({ ...request, source: "asana" })).toMatchObject({ kind: "answered" });
    expect(kept).toEqual(["b537207f20cbfa02"]);
    expect(await receiver.receive({ ...request, source: "inside" })).toMatchObject({
      code: "signature_missing",
    });
    const elsewhere = { ...headers, "x-forwarded-for": "203.0.113.1" };
    const refused = await receiver.receive({ ...request, source: "inside", headers: elsewhere });
    expect(refused).toMatchObject({ code: "ip_not_allowed" });
  });
});
