import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as node from "./index.ts";
import * as portable from "./portable.ts";
import * as web from "./web.ts";

const body = Buffer.from('{"name":"\ufffd"}');
const now = 1_795_220_135;
const id = fc.stringMatching(/^[A-Za-z0-9_:/=+@-]{1,128}$/);
const timestamp = fc.integer({ min: 0, max: 99_999_999_999 });
const bodies = fc.oneof(fc.uint8Array({ maxLength: 500 }), fc.string({ unit: "binary", maxLength: 200 }));
const schemes = ["v1", "v1a"] as const;

describe.each(schemes)("web, %s", (scheme) => {
  it("signs what node verifies, and verifies what node signs, with the same signatures", async () => {
    const secret = await web.generateSecret(scheme);
    const shown = scheme === "v1" ? secret : await web.publicKeyOf(secret);
    const keys = {
      node: node.parseVerifyingKey(shown),
      web: await web.parseVerifyingKey(shown),
      signing: await web.parseSigningKey(secret),
    };
    await fc.assert(
      fc.asyncProperty(id, timestamp, bodies, async (id, timestamp, body) => {
        const ours = await web.sign({ id, timestamp, body, keys: [keys.signing] });
        expect(ours).toEqual(node.sign({ id, timestamp, body, keys: [secret] }));
        const request = { headers: ours, body: Buffer.from(body), now: new Date(timestamp * 1000) };
        const result = await web.verify({ ...request, keys: [keys.web] });
        expect(result).toEqual(node.verify({ ...request, keys: [keys.node] }));
        expect(result.ok).toBe(true);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("makes secrets that node takes, another each time", async () => {
    const secret = await web.generateSecret(scheme);
    expect(node.parseSigningKey(secret)).toMatchObject({ scheme });
    expect(await web.generateSecret(scheme)).not.toBe(secret);
    if (scheme === "v1a") expect(await web.publicKeyOf(secret)).toBe(node.publicKeyOf(secret));
  });

  it("shows nothing of a secret, however a key is printed", async () => {
    const secret = await web.generateSecret(scheme);
    const key = await web.parseSigningKey(secret);
    for (const text of [inspect(key, { showHidden: true, depth: 9 }), JSON.stringify(key), `${key}`]) {
      expect(text).not.toContain(secret.slice(6, 20));
    }
    expect(JSON.parse(JSON.stringify(key))).toEqual({ kind: "signing", scheme });
  });
});

describe("web", () => {
  const secret = node.generateSecret();
  const headers = node.sign({ id: "evt_1", timestamp: now, body, keys: [secret] });

  it("has the names of node", () => {
    expect(Object.keys(web).toSorted()).toEqual(Object.keys(node).toSorted());
    expect(Object.keys(portable).toSorted()).toEqual(Object.keys(node).toSorted());
  });

  it.each([
    ["a word", "hunter2"],
    ["a short secret", "whsec_AAAA"],
    ["a number", 7 as unknown as string],
    ["null", null as unknown as string],
    ["a date", new Date() as unknown as string],
    ["a private key whose public half is another's", privateKeyWithStrangePublicHalf()],
  ])("refuses %s with the error of node, later", async (_, secret) => {
    await expect(web.parseSigningKey(secret)).rejects.toThrow(node.KeyError);
    await expect(web.publicKeyOf(secret)).rejects.toThrow(node.KeyError);
    await expect(web.sign({ id: "a", timestamp: now, body, keys: [secret] })).rejects.toThrow(node.KeyError);
  });

  it("takes no keys of node, nor node keys of the web", async () => {
    const [theirs, own] = [node.parseVerifyingKey(secret), await web.parseVerifyingKey(secret)];
    await expect(web.verify({ headers, body, keys: [theirs], now })).rejects.toThrow(node.KeyError);
    expect(() => node.verify({ headers, body, keys: [own], now })).toThrow(node.KeyError);
  });

  it("says which key matched, the first of several", async () => {
    const keys = [node.generateSecret(), secret, secret];
    expect(await web.verify({ headers, body, keys, now })).toMatchObject({ ok: true, keyIndex: 1 });
  });

  it("rejects a clock, a tolerance and a body to sign that cannot be one", async () => {
    const request = { headers, body, keys: [secret] };
    await expect(web.verify({ ...request, now: Number.NaN })).rejects.toThrow(RangeError);
    await expect(web.verify({ ...request, toleranceSeconds: -1 })).rejects.toThrow(RangeError);
    const given = { type: "x" } as unknown as string;
    await expect(web.sign({ id: "a", timestamp: 1, body: given, keys: [secret] })).rejects.toThrow(TypeError);
  });

  it("never rejects, and accepts nothing, whatever headers and bodies come", async () => {
    const values = fc.oneof(fc.string({ unit: "binary" }), fc.anything());
    const names = ["webhook-id", "webhook-timestamp", "webhook-signature", "get", "__proto__"];
    const hostile = fc.oneof(fc.dictionary(fc.constantFrom(...names), values), fc.anything());
    await fc.assert(
      fc.asyncProperty(hostile, fc.oneof(bodies, fc.anything()), async (headers, body) => {
        const given = { headers: headers as node.RequestHeaders, body: body as Uint8Array };
        expect((await web.verify({ ...given, keys: [secret], now })).ok).toBe(false);
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  it("makes the headers of a genuine request of now for tests", async () => {
    const headers = await web.generateTestHeaders({ body, secret });
    expect(await web.verify({ headers, body, keys: [secret] })).toMatchObject({ ok: true });
  });
});

describe("portable", () => {
  it("promises what both variants keep", () => {
    expectTypeOf<typeof node>().toExtend<typeof portable>();
    expectTypeOf<typeof web>().toExtend<typeof portable>();
    expectTypeOf<typeof web>().not.toExtend<typeof node>();
  });
});

function privateKeyWithStrangePublicHalf(): string {
  const [own, other] = [node.generateSecret("v1a"), node.generateSecret("v1a")].map((key) =>
    Buffer.from(key.slice(5), "base64"),
  );
  return `whsk_${Buffer.concat([own!.subarray(0, 32), other!.subarray(32)]).toString("base64")}`;
}
