import { createHash, createPublicKey, type JsonWebKey } from "node:crypto";
import { calculateJwkThumbprint, createLocalJWKSet, FlattenedSign, flattenedVerify } from "jose";
import { describe, expect, it } from "vitest";
import * as node from "./index.ts";
import { isOfSmallOrder } from "./small-order.ts";
import * as web from "./web.ts";

/** RFC 8037, appendix A: key, public key, thumbprint. */
const published = {
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  thumbprint: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
};
const base64 = (url: string) => Buffer.from(url, "base64url").toString("base64");
const publicKey = `whpk_${base64(published.x)}`;
const jwk = { kty: "OKP", crv: "Ed25519", x: published.x };

describe.each([
  { variant: "node", ...node },
  { variant: "web", ...web },
])("createJwks, $variant", ({ createJwks, readJwks, generateSecret, publicKeyOf, sign, verify }) => {
  const later = (...keys: Parameters<typeof createJwks>[0]) =>
    new Promise((resolve) => resolve(createJwks(keys)));

  it("writes the key of RFC 8037 with its published thumbprint", async () => {
    expect(await publicKeyOf(`whsk_${base64(published.d)}`)).toBe(publicKey);
    expect(await createJwks([publicKey])).toEqual({
      keys: [{ ...jwk, kid: published.thumbprint, use: "sig", alg: "EdDSA" }],
    });
  });

  it("writes what node:crypto imports and readJwks reads, in the order given", async () => {
    const keys = await Promise.all([1, 2, 3].map(async () => publicKeyOf(await generateSecret("v1a"))));
    const text = JSON.stringify(await createJwks(keys));
    expect(readJwks(text).map((key) => key.publicKey)).toEqual(keys);
    for (const [index, key] of (await createJwks(keys)).keys.entries()) {
      const der = createPublicKey({ key: key as unknown as JsonWebKey, format: "jwk" }).export({
        format: "der",
        type: "spki",
      });
      expect(`whpk_${der.subarray(-32).toString("base64")}`).toBe(keys[index]);
    }
  });

  it("writes what jose verifies with, under the name jose gives it", async () => {
    const secret = await generateSecret("v1a");
    const set = await createJwks([await publicKeyOf(secret)]);
    const [key] = set.keys;
    expect(key?.kid).toBe(await calculateJwkThumbprint({ ...key! }));
    const d = Buffer.from(secret.slice(5), "base64").subarray(0, 32).toString("base64url");
    const signed = await new FlattenedSign(Buffer.from("hello"))
      .setProtectedHeader({ alg: "EdDSA", kid: key!.kid })
      .sign({ ...key!, d });
    const keySet = createLocalJWKSet({ keys: set.keys.map((key) => ({ ...key })) });
    expect(Buffer.from((await flattenedVerify(signed, keySet)).payload).toString()).toBe("hello");
  });

  it("publishes the old and the new key of a rotation, and either verifies", async () => {
    const secrets = [await generateSecret("v1a"), await generateSecret("v1a")] as const;
    const [before, after] = [await publicKeyOf(secrets[0]), await publicKeyOf(secrets[1])];
    const set = await createJwks([before, { publicKey: after, kid: "2026-11" }]);
    const read = readJwks(JSON.parse(JSON.stringify(set)));
    expect(read[1]?.kid).toBe("2026-11");
    const keys = read.map((key) => key.publicKey);
    for (const [keyIndex, secret] of secrets.entries()) {
      const headers = await sign({ id: "evt_1", timestamp: 1, body: "{}", keys: [secret] });
      const result = await verify({ headers, body: Buffer.from("{}"), keys, now: 1 });
      expect(result).toMatchObject({ ok: true, keyIndex });
    }
  });

  it("publishes nothing but public keys, each once", async () => {
    for (const secret of [await generateSecret(), await generateSecret("v1a"), "whpk_AAAA", ""]) {
      await expect(later(secret)).rejects.toThrow(node.KeyError);
    }
    await expect(later(publicKey, publicKey)).rejects.toThrow(node.KeyError);
    await expect(later({ publicKey, kid: "" })).rejects.toThrow(node.KeyError);
    const many = Array.from({ length: 101 }, (_, index) => ({ publicKey, kid: String(index) }));
    await expect(later(...many)).rejects.toThrow("at most 100");
  });
});

describe("readJwks", () => {
  it.each([
    ["of another type", { kty: "RSA", n: "AQAB", e: "AQAB" }],
    ["on another curve", { ...jwk, crv: "X25519" }],
    ["for encryption", { ...jwk, use: "enc" }],
    ["for another algorithm", { ...jwk, alg: "ES256" }],
    ["that may only sign", { ...jwk, key_ops: ["sign"] }],
    ["without its bytes", { kty: "OKP", crv: "Ed25519" }],
    ["cut short", { ...jwk, x: published.x.slice(4) }],
    ["in padded base64", { ...jwk, x: base64(published.x) }],
    ["with unused bits set", { ...jwk, x: `${published.x.slice(0, -1)}p` }],
    ["of small order", { ...jwk, x: Buffer.alloc(32).toString("base64url") }],
    ["that is a number", 7],
    ["that is null", null],
  ])("skips a key %s and reads the others", (_, other) => {
    const good = { ...jwk, use: "sig", alg: "Ed25519", key_ops: ["verify"], x5c: ["ignored"] };
    expect(node.readJwks({ keys: [other, good] })).toEqual([{ publicKey, kid: undefined }]);
    expect(node.readJwks(JSON.stringify({ keys: [jwk, other] }))).toHaveLength(1);
  });

  it.each([
    ["no JSON", "{"],
    ["no set", "[]"],
    ["a key alone", JSON.stringify(jwk)],
    ["null", null],
    ["undefined", undefined],
    ["too many keys", { keys: Array.from({ length: 101 }, () => jwk) }],
    ["a text that is too long", JSON.stringify({ keys: [], note: "x".repeat(100_000) })],
    ["a private key", { keys: [{ ...jwk, d: published.d }] }],
  ])("refuses %s with a KeyError that repeats none of it", (_, document) => {
    expect(() => node.readJwks(document)).toThrow(node.KeyError);
    expect(() => node.readJwks(document)).not.toThrow(published.d);
  });

  it("reads what other libraries write: no kid, use or alg", () => {
    expect(node.readJwks({ keys: [jwk] })).toEqual([{ publicKey, kid: undefined }]);
    expect(node.readJwks({ keys: [{ ...jwk, kid: 7 }] })).toEqual([{ publicKey, kid: undefined }]);
  });

  it("holds to RFC 7638: members in order of their names, without space", () => {
    const text = `{"crv":"Ed25519","kty":"OKP","x":"${published.x}"}`;
    expect(createHash("sha256").update(text).digest("base64url")).toBe(published.thumbprint);
  });
});

describe("parseVerifyingKey", () => {
  const prime = 2n ** 255n - 19n;
  const ys = [0n, 1n, prime - 1n, prime, prime + 1n].map((y) =>
    Buffer.from(y.toString(16).padStart(64, "0"), "hex").toReversed(),
  );
  const ofOrderEight = [
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  ].map((hex) => Buffer.from(hex, "hex"));

  it.each([...ys, ...ofOrderEight])("refuses the public key %#, for which anybody can sign", async (key) => {
    for (const sign of [0, 0x80]) {
      const bytes = Buffer.from(key);
      bytes[31]! |= sign;
      expect(isOfSmallOrder(bytes)).toBe(true);
      const text = `whpk_${bytes.toString("base64")}`;
      expect(() => node.parseVerifyingKey(text)).toThrow(node.KeyError);
      await expect(web.parseVerifyingKey(text)).rejects.toThrow(node.KeyError);
    }
  });
});
