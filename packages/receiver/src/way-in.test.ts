import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { respond } from "./core/respond.ts";
import type { Inbox } from "./inbox.ts";
import { claim } from "./inbox/conformance/given.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createReceive, type ReceiveOptions, type ReceiveReport, type ReceiveRequest } from "./receive.ts";
import type { SourceOptions } from "./source.ts";

const secret = generateSecret();

describe("createReceive", () => {
  let inbox: Inbox;
  let reports: ReceiveReport[];
  beforeEach(() => {
    inbox = createSqliteInbox({ path: ":memory:", highWaterMark: 10 });
    reports = [];
  });
  afterEach(() => inbox.close());

  const setUp = (source: Partial<SourceOptions> = {}, options: Partial<ReceiveOptions> = {}) => {
    const receive = createReceive({
      sources: { billing: { provider: "standard-webhooks", secrets: [secret], ...source } },
      inbox,
      report: (report) => void reports.push(report),
      ...options,
    });
    return async (request: Partial<ReceiveRequest> = {}) => {
      const receipt = await receive({ source: "billing", method: "POST", ...signed(), ...request });
      const { status, body } = respond(receipt);
      return [status, (JSON.parse(body) as Record<string, unknown>)["code"]] as const;
    };
  };
  const entries = () => claim(inbox);

  /** Sends a body of GoCardless, which sends several events at once. */
  const sendEvents = async (body: Buffer, contracts?: SourceOptions["contracts"]) => {
    const source = { provider: "gocardless", secrets: ["key"], contracts } as const;
    const signature = createHmac("sha256", "key").update(body).digest("hex");
    const receive = createReceive({
      sources: { billing: source },
      inbox,
      report: (report) => void reports.push(report),
    });
    const headers = { "webhook-signature": signature };
    return respond(await receive({ source: "billing", method: "POST", headers, body }));
  };

  it("refuses a source without a secret, unless it needs none or is to be told one", () => {
    const none = "Source billing: Expected at least one secret, got none";
    for (const more of [{}, { enforce: false }, { provider: "github" as const }]) {
      expect(() => setUp({ secrets: [], ...more })).toThrow(none);
    }
    const settings = { topicArns: "arn:aws:sns:us-east-1:1:t" };
    expect(() => setUp({ provider: "aws-sns", secrets: [], settings })).not.toThrow();
    const awaited = { provider: "asana", secrets: [], settings: { awaitSecret: "true" } } as const;
    expect(() => setUp(awaited)).not.toThrow();
  });

  describe("with allowFrom", () => {
    it("takes requests from those addresses only, however they are written", async () => {
      const send = setUp({ allowFrom: ["192.0.2.0/24", "2001:db8::/32"] });
      for (const remoteAddress of ["192.0.2.9", "::ffff:192.0.2.9", "2001:db8::1"]) {
        expect((await send({ remoteAddress }))[0]).toBe(202);
      }
      for (const remoteAddress of ["192.0.3.9", "::1", undefined, ""]) {
        expect(await send({ remoteAddress })).toEqual([403, "ip_not_allowed"]);
      }
      const headers = { ...signed().headers, "x-forwarded-for": "192.0.2.9", forwarded: "for=192.0.2.9" };
      expect(await send({ remoteAddress: "203.0.113.1", headers })).toEqual([403, "ip_not_allowed"]);
    });

    it("sees through the proxies it is told of", async () => {
      const send = setUp({ allowFrom: ["192.0.2.0/24"] }, { trustedProxies: ["10.0.0.0/8"] });
      expect((await send(forwarded("192.0.2.9")))[0]).toBe(202);
      expect(await send(forwarded("192.0.2.9, 203.0.113.1"))).toEqual([403, "ip_not_allowed"]);
      expect(reports.map(({ remoteAddress }) => remoteAddress)).toEqual(["192.0.2.9", "203.0.113.1"]);
    });

    it("names a range that is none", () => {
      expect(() => setUp({ allowFrom: ["10.0.0.0/33"] })).toThrow(
        "Source billing: Expected an address range",
      );
      expect(() => setUp({}, { trustedProxies: ["nginx"] })).toThrow('got "nginx"');
    });
  });

  describe("with enforce: false", () => {
    it("lets everybody in, and says what was wrong to the report and to the destinations", async () => {
      const send = setUp({ enforce: false, allowFrom: ["192.0.2.0/24"] });
      const remoteAddress = "192.0.2.1";
      expect((await send({ remoteAddress, headers: {}, body: Buffer.from("{1}") }))[0]).toBe(202);
      expect((await send({ remoteAddress, ...signed({ secret: generateSecret() }) }))[0]).toBe(202);
      expect((await send({ remoteAddress: "203.0.113.1" }))[0]).toBe(202);
      expect((await send({ remoteAddress }))[0]).toBe(202);
      const codes = ["signature_missing", "signature_invalid", "ip_not_allowed", undefined];
      expect(reports.map(({ unverified }) => unverified)).toEqual(codes);
      expect((await entries()).map(({ headers }) => headers["hooks-unverified"])).toEqual(codes);
    });

    it("lets nobody take a verified event's place", async () => {
      const send = setUp({ enforce: false });
      const forged = signed({ id: "evt_x", secret: generateSecret() });
      expect((await send(forged))[0]).toBe(202);
      expect((await send(forged))[0]).toBe(200);
      expect((await send(signed({ id: "evt_x" })))[0]).toBe(202);
      const ids = (await entries()).map(({ eventId }) => eventId);
      expect(ids).toEqual([expect.stringMatching(/^unverified:[0-9a-f]{64}$/), "evt_x"]);
    });

    it("still counts and limits whoever does not verify", async () => {
      const asked: string[] = [];
      const limits = {
        unverified: (client: string) => void asked.push(client),
        verified: (client: string) => void asked.push(`${client} verified`),
        admit: (source: string) => void asked.push(source),
      };
      const send = setUp({ enforce: false }, { limits });
      await send({ headers: {}, remoteAddress: "192.0.2.1" });
      await send({ remoteAddress: "192.0.2.2" });
      expect(asked).toEqual(["192.0.2.1", "billing", "192.0.2.2 verified", "billing"]);
    });

    it("keeps no header by which a sender could call itself unverified, or not", async () => {
      const send = setUp();
      const { body, headers } = signed();
      await send({ body, headers: { ...headers, "hooks-unverified": "x", "hooks-source": "y" } });
      expect(Object.keys((await entries())[0]!.headers).filter((name) => name.startsWith("hooks-"))).toEqual(
        [],
      );
    });
  });

  describe("with decompress", () => {
    it("verifies and stores what the body unpacks to", async () => {
      const { body, headers } = signed();
      expect((await setUp({ decompress: true })(packed(body, headers)))[0]).toBe(202);
      expect(Buffer.from((await entries())[0]!.body).equals(body)).toBe(true);
      expect(await setUp()(packed(body, headers))).toEqual([415, "unsupported_encoding"]);
    });

    it("ends a bomb at the limit, in size and in memory", async () => {
      const bomb = signed({ body: Buffer.alloc(50_000_000) });
      expect(await setUp({ decompress: true })(packed(bomb.body, bomb.headers))).toEqual([
        413,
        "payload_too_large",
      ]);
      const send = setUp({ decompress: true }, { maxBufferedBytes: 100_000 });
      const large = signed({ body: Buffer.alloc(500_000) });
      expect(await send(packed(large.body, large.headers))).toEqual([503, "overloaded"]);
      expect((await send())[0]).toBe(202);
    });

    it("unpacks several members after one another, up to the limit of one", async () => {
      const { body, headers } = signed();
      const parts = [body.subarray(0, 7), Buffer.alloc(0), body.subarray(7)];
      const request = packed(body, headers);
      const send = setUp({ decompress: true });
      expect((await send({ ...request, body: Buffer.concat(parts.map((part) => gzipSync(part))) }))[0]).toBe(
        202,
      );
      expect(Buffer.from((await entries())[0]!.body).equals(body)).toBe(true);
      const bomb = Buffer.concat(Array.from({ length: 30 }, () => gzipSync(Buffer.alloc(100_000))));
      expect(await send({ ...request, body: bomb })).toEqual([413, "payload_too_large"]);
      for (const rest of ["more", "\0", "\0".repeat(9), body]) {
        const followed = Buffer.concat([request.body, request.body, Buffer.from(rest)]);
        expect(await send({ ...request, body: followed })).toEqual([400, "bad_request"]);
      }
      const hidden = Buffer.concat([request.body, Buffer.alloc(1), request.body]);
      expect(await send({ ...request, body: hidden })).toEqual([400, "bad_request"]);
    });

    it.each(["gzip, gzip", "br", "deflate", "x-gzip"])("takes no %s", async (encoding) => {
      const { body, headers } = signed();
      const request = { body, headers: { ...headers, "content-encoding": encoding } };
      expect(await setUp({ decompress: true })(request)).toEqual([415, "unsupported_encoding"]);
    });

    it("refuses what is not gzip, cut short or followed by something", async () => {
      const { body, headers } = signed();
      const whole = gzipSync(body);
      const broken = [
        body,
        whole.subarray(0, -4),
        Buffer.concat([whole, Buffer.from("more")]),
        Buffer.alloc(0),
      ];
      for (const bytes of broken) {
        const request = { body: bytes, headers: { ...headers, "content-encoding": "gzip" } };
        expect(await setUp({ decompress: true })(request)).toEqual([400, "bad_request"]);
      }
    });
  });

  describe("with a provider that signs the URL", () => {
    it("verifies the URL as the provider called it", async () => {
      const row = {
        kind: "hmac",
        id: "url-signer",
        name: "Signs URLs",
        digest: "sha1",
        secret: "utf8",
        signature: { from: "header", name: "x-signature", encoding: "base64" },
        message: "{body}{url}",
        event: {},
      } as const;
      const source = { provider: row, secrets: ["key"] };
      const request = { url: "/in/billing?a=%3A", body: urlBody };
      const publicUrl = "https://hooks.example.com";
      const own = setUp({ ...source, publicUrl });
      expect((await own({ ...request, headers: urlSigned(`${publicUrl}/in/billing?a=%3A`) }))[0]).toBe(202);
      const shared = setUp(source, { publicUrl: `${publicUrl}/` });
      expect((await shared({ ...request, headers: urlSigned(`${publicUrl}/in/billing?a=%3A`) }))[0]).toBe(
        200,
      );
      const plain = setUp(source);
      expect(
        (await plain({ ...request, headers: urlSigned("http://internal:4100/in/billing?a=%3A") }))[0],
      ).toBe(200);
      const proxied = setUp(source, { trustedProxies: 1 });
      const said = { "x-forwarded-proto": "https", "x-forwarded-host": "hooks.example.com" };
      const signedHeaders = { ...urlSigned(`${publicUrl}/in/billing?a=%3A`), ...said };
      expect((await proxied({ ...request, headers: signedHeaders, remoteAddress: "10.0.0.1" }))[0]).toBe(200);
      expect(await plain({ ...request, headers: signedHeaders })).toEqual([401, "signature_invalid"]);
    });

    it("names a public URL that is none", () => {
      expect(() => setUp({ publicUrl: "hooks.example.com" })).toThrow("Expected a public URL");
      expect(() => setUp({}, { publicUrl: "https://a.example/?x" })).toThrow("Expected a public URL");
    });
  });

  describe("with a body of several events", () => {
    it("stores each with its own id and its own bytes", async () => {
      expect((await sendEvents(events("EV1", "EV2"))).status).toBe(204);
      const stored = (await entries()).map(({ eventId, body }) => [eventId, Buffer.from(body).toString()]);
      expect(stored).toEqual([
        ["EV1", '{"n" : 1.0,"id":"EV1"}'],
        ["EV2", '{"n" : 1.0,"id":"EV2"}'],
      ]);
      expect(reports[0]).toMatchObject({ outcome: "accepted", items: 2 });
    });

    it("takes of a body that overlaps another only what is new", async () => {
      await sendEvents(events("EV1", "EV2"));
      await sendEvents(events("EV2", "EV3"));
      await sendEvents(events("EV3", "EV1"));
      expect((await entries()).map(({ eventId }) => eventId)).toEqual(["EV1", "EV2", "EV3"]);
      expect(reports.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted", "duplicate"]);
    });

    it("takes all or none when there is no room, and bounds how many there are", async () => {
      await sendEvents(events(...Array.from({ length: 10 }, (_, index) => `A${index}`)));
      expect((await sendEvents(events("A1", "B1"))).status).toBe(503);
      expect(reports[1]?.outcome).toBe("backpressure");
      expect((await inbox.depth("billing")).waiting).toBe(10);
      const many = await sendEvents(events(...Array.from({ length: 5_001 }, (_, index) => `C${index}`)));
      expect(JSON.parse(many.body)).toMatchObject({ code: "payload_too_large" });
    });

    it("holds each against its contract, and refuses all for one that does not fit", async () => {
      const contracts = { mode: "enforce", contracts: { parseEvent } } as const;
      expect((await sendEvents(events("EV1", "EV2"), contracts)).status).toBe(204);
      expect((await sendEvents(events("EV3", "new"), contracts)).status).toBe(204);
      expect(JSON.parse((await sendEvents(events("EV4", "new", "X"), contracts)).body)).toMatchObject({
        code: "event_rejected",
      });
      expect(reports.map(({ contract }) => contract?.code)).toEqual([
        undefined,
        "unknown_version",
        "schema_violation",
      ]);
      expect((await inbox.depth("billing")).waiting).toBe(4);
    });

    it("stores a body without events whole", async () => {
      expect((await sendEvents(Buffer.from('{"events":[]}'))).status).toBe(204);
      expect(Buffer.from((await entries())[0]!.body).toString()).toBe('{"events":[]}');
    });
  });
});

/** Knows only events whose id begins with EV. */
function parseEvent(input: unknown) {
  const event = input as { readonly type: string; readonly id?: unknown };
  if (String(event.id).startsWith("EV")) return { ok: true, event } as const;
  const code = event.id === "new" ? "unknown_version" : "schema_violation";
  return { ok: false, code, issues: [{ pointer: "/id", message: "expected EV" }] } as const;
}

let count = 0;

function signed(given: { id?: string; body?: Buffer; secret?: string } = {}) {
  const body = given.body ?? Buffer.from(`{"type":"invoice.paid","n":${(count += 1)}}`);
  const id = given.id ?? `evt_${count}`;
  return { body, headers: { ...generateTestHeaders({ secret, id, ...given, body }) } };
}

/** A request that came through a proxy. */
const forwarded = (list: string) => {
  const { body, headers } = signed();
  return { body, headers: { ...headers, "x-forwarded-for": list }, remoteAddress: "10.0.0.1" };
};

const packed = (body: Buffer, headers: Record<string, string>) => ({
  body: gzipSync(body),
  headers: { ...headers, "content-encoding": "gzip" },
});

const urlBody = Buffer.from('{"event_id":"e1"}');

const urlSigned = (url: string) => ({
  host: "internal:4100",
  "x-signature": createHmac("sha1", "key").update(urlBody).update(url).digest("base64"),
});

const events = (...ids: readonly string[]) =>
  Buffer.from(`{ "events" : [${ids.map((id) => `{"n" : 1.0,"id":"${id}"}`).join(" ,")}] }`);
