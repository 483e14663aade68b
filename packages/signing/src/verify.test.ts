import type { IncomingHttpHeaders } from "node:http";
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { generateSecret, parseSigningKey, parseVerifyingKey, publicKeyOf, sign, verify } from "./index.ts";
import type { Reason, RequestHeaders, SignatureHeaders, Verification, VerifiedEvent } from "./index.ts";

const secret = generateSecret();
const privateKey = generateSecret("v1a");
const pairs = {
  v1: { signing: parseSigningKey(secret), verifying: parseVerifyingKey(secret) },
  v1a: { signing: parseSigningKey(privateKey), verifying: parseVerifyingKey(publicKeyOf(privateKey)) },
};
const schemeId = fc.constantFrom("v1" as const, "v1a" as const);
const id = fc.stringMatching(/^[A-Za-z0-9_:/=+@-]{1,128}$/);
const timestamp = fc.integer({ min: 0, max: 99_999_999_999 });
const bytes = fc.uint8Array({ maxLength: 500 });
const sent = fc.record({ id, timestamp, body: bytes });

const now = 1_795_220_135;
const body = Buffer.from('{"name":"\ufffd"}');
const headers = sign({ id: "evt_1", timestamp: now, body, keys: [secret] });
const request = { headers, body, keys: [secret], now };

describe("verify", () => {
  it("accepts whatever sign made, in both schemes", () => {
    fc.assert(
      fc.property(schemeId, sent, (scheme, { id, timestamp, body }) => {
        const { signing, verifying } = pairs[scheme];
        const headers = sign({ id, timestamp, body, keys: [signing] });
        const result = verify({ headers, body, keys: [verifying], now: new Date(timestamp * 1000) });
        expect(result).toEqual({ ok: true, event: { id, timestamp, body }, keyIndex: 0 });
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("gives the bytes it was given, not a copy", () => {
    const result = verify(request);
    expect(result.ok && result.event.body).toBe(body);
  });

  it("reads Headers and an ArrayBuffer as fetch has them", () => {
    const buffer = Uint8Array.from(body).buffer;
    expect(verify({ ...request, headers: new Headers(headers), body: buffer })).toMatchObject({ ok: true });
    expect(verify({ ...request, headers: new Headers() })).toMatchObject({ reason: "missing_header" });
  });

  it("reads a body inside a larger buffer, as Node.js pools them", () => {
    const larger = Buffer.concat([Buffer.from("before"), body, Buffer.from("after")]);
    expect(verify({ ...request, body: larger.subarray(6, 6 + body.length) })).toMatchObject({ ok: true });
  });

  it("is not misled by a header called get", () => {
    expect(verify({ ...request, headers: { ...headers, get: "x" } })).toMatchObject({ ok: true });
  });

  it("says which key matched, the first of several", () => {
    const keys = [generateSecret(), secret, secret];
    expect(verify({ ...request, keys })).toMatchObject({ ok: true, keyIndex: 1 });
  });

  it("keeps to the caller's tolerance on both sides", () => {
    for (const [offset, ok] of [
      [-11, false],
      [-10, true],
      [10, true],
      [11, false],
    ] as const) {
      expect(verify({ ...request, now: now + offset, toleranceSeconds: 10 }).ok).toBe(ok);
    }
  });

  it.each([
    ["a string", body.toString(), "arrayBuffer"],
    ["a parsed object", { name: "x" }, "express.raw"],
    ["a serialised Buffer", JSON.parse(JSON.stringify(body)), "express.raw"],
    ["undefined", undefined, "raw bytes"],
    ["null", null, "raw bytes"],
    ["a number", 7, "raw bytes"],
    ["a wider array", new Uint16Array(2), "raw bytes"],
  ])("refuses %s as a body and says what to do", (_, given, hint) => {
    const result = verify({ ...request, body: given as Uint8Array });
    expect(result).toMatchObject({ ok: false, reason: "body_already_parsed" });
    expect(!result.ok && result.hint).toContain(hint);
  });

  it("throws for a clock, a tolerance or a secret that cannot be one", () => {
    expect(() => verify({ ...request, now: Number.NaN })).toThrow(RangeError);
    expect(() => verify({ ...request, toleranceSeconds: Number.NaN })).toThrow(RangeError);
    expect(() => verify({ ...request, toleranceSeconds: -1 })).toThrow(RangeError);
    expect(() => verify({ ...request, toleranceSeconds: Infinity })).toThrow(RangeError);
    expect(() => verify({ ...request, keys: [secret, "whsec_short"] })).toThrow("whsec_");
  });

  it("names no value of the request in its hints", () => {
    const hostile = { ...headers, "webhook-signature": "v1,<script>" };
    const result = verify({ ...request, headers: hostile });
    expect(!result.ok && result.hint).not.toContain("script");
  });

  it("never throws, and accepts nothing, whatever headers and bodies come", () => {
    const values = fc.oneof(fc.string({ unit: "binary" }), fc.anything());
    const names = ["webhook-id", "webhook-timestamp", "webhook-signature", "Webhook-Id", "get", "__proto__"];
    const hostileHeaders = fc.oneof(fc.dictionary(fc.constantFrom(...names), values), fc.anything());
    fc.assert(
      fc.property(hostileHeaders, fc.oneof(bytes, fc.anything()), (headers, body) => {
        const given = { headers: headers as RequestHeaders, body: body as Uint8Array };
        expect(verify({ ...given, keys: [secret], now }).ok).toBe(false);
      }),
      { numRuns: 3000, seed: 3 },
    );
  });

  it("never throws, and accepts nothing, when one part of a genuine request is replaced", () => {
    const part = fc.constantFrom("webhook-id", "webhook-timestamp", "webhook-signature");
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^(v1a?,[A-Za-z0-9+/=]{0,90} ?){0,12}$/),
      fc.array(fc.string()),
    );
    fc.assert(
      fc.property(part, value, (part, value) => {
        fc.pre(
          value !== headers[part] &&
            !(Array.isArray(value) && value.length === 1 && value[0] === headers[part]),
        );
        expect(verify({ ...request, headers: { ...headers, [part]: value } }).ok).toBe(false);
      }),
      { numRuns: 3000, seed: 4 },
    );
  });
});

describe("RequestHeaders", () => {
  it("takes the headers of fetch, of Node.js and of sign as they are", () => {
    expectTypeOf<Headers>().toExtend<RequestHeaders>();
    expectTypeOf<IncomingHttpHeaders>().toExtend<RequestHeaders>();
    expectTypeOf<SignatureHeaders>().toExtend<RequestHeaders>();
    expectTypeOf<number>().not.toExtend<RequestHeaders>();
  });
});

describe("Verification", () => {
  it("is a closed union on ok, with a closed set of reasons", () => {
    expectTypeOf<Extract<Verification, { ok: false }>["reason"]>().toEqualTypeOf<Reason>();
    expectTypeOf<Extract<Verification, { ok: true }>["event"]>().toEqualTypeOf<VerifiedEvent>();
    const result = verify(request);
    // @ts-expect-error the event is there only after a look at `ok`
    expect(result.event).toBeDefined();
  });

  it("holds an event that nobody can write by hand", () => {
    // @ts-expect-error only `verify` makes one
    const forged: VerifiedEvent = { id: "a", timestamp: 1, body };
    expect(forged.id).toBe("a");
    // @ts-expect-error a string body is refused by the types too
    expect(verify({ ...request, body: "{}" }).ok).toBe(false);
  });
});
