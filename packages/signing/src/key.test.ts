import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  generateSecret,
  KeyError,
  parseSigningKey,
  parseVerifyingKey,
  publicKeyOf,
  sign,
  verify,
} from "./index.ts";
import type { SigningKey, VerifyingKey } from "./index.ts";

const body = Buffer.from("{}");
const whsec = (bytes: Buffer) => `whsec_${bytes.toString("base64")}`;

describe("parseSigningKey", () => {
  it("says what it got instead of a secret, as from a variable that is not set", () => {
    const error = thrownBy(() => parseSigningKey(undefined as unknown as string));
    expect(String(error)).toContain("Expected the secret as a string, got undefined.");
  });

  it.each([24, 32, 64])("takes a shared secret of %i bytes", (length) => {
    expect(parseSigningKey(whsec(Buffer.alloc(length, 1)))).toMatchObject({ kind: "signing", scheme: "v1" });
  });

  it.each([
    ["23 bytes", whsec(Buffer.alloc(23))],
    ["65 bytes", whsec(Buffer.alloc(65))],
    ["no bytes", "whsec_"],
    ["no prefix", Buffer.alloc(32).toString("base64")],
    ["another prefix", `whsk_${Buffer.alloc(31).toString("base64")}`],
    ["base64url", whsec(Buffer.alloc(32, 0xff)).replaceAll("/", "_")],
    ["no padding", whsec(Buffer.alloc(32)).replace("=", "")],
    ["unused bits set", whsec(Buffer.alloc(32)).replace("A=", "B=")],
    ["a line break", `${whsec(Buffer.alloc(32))}\n`],
    ["a public key", publicKeyOf(generateSecret("v1a"))],
    ["a private key whose public half is another's", privateKeyWithStrangePublicHalf()],
  ])("refuses %s without repeating the secret", (_, secret) => {
    const error = thrownBy(() => parseSigningKey(secret));
    expect(error).toBeInstanceOf(KeyError);
    expect(error).toMatchObject({ code: "invalid_secret" });
    if (secret.length > 8) expect(String(error)).not.toContain(secret.slice(6));
  });

  it("takes a private key with and without its public half, and both sign alike", () => {
    const long = generateSecret("v1a");
    const short = `whsk_${Buffer.from(long.slice(5), "base64").subarray(0, 32).toString("base64")}`;
    const [first, second] = [long, short].map((key) => sign({ id: "a", timestamp: 1, body, keys: [key] }));
    expect(first).toEqual(second);
    expect(publicKeyOf(long)).toBe(publicKeyOf(short));
  });
});

describe("parseVerifyingKey", () => {
  it("refuses a private key: a receiver has no use for it", () => {
    expect(() => parseVerifyingKey(generateSecret("v1a"))).toThrow(KeyError);
  });

  it("takes a shared secret and a public key", () => {
    expect(parseVerifyingKey(generateSecret())).toMatchObject({ kind: "verifying", scheme: "v1" });
    expect(parseVerifyingKey(publicKeyOf(generateSecret("v1a")))).toMatchObject({ scheme: "v1a" });
  });
});

describe("SigningKey", () => {
  it.each(["v1", "v1a"] as const)("shows nothing of a %s secret, however it is printed", (scheme) => {
    const secret = generateSecret(scheme);
    const key = parseSigningKey(secret);
    const printed = [
      inspect(key, { showHidden: true, depth: 9 }),
      JSON.stringify(key),
      `${key}`,
      inspect({ ...key }),
    ];
    const raw = Buffer.from(secret.slice(secret.indexOf("_") + 1), "base64");
    for (const text of printed) {
      expect(text).not.toContain(secret.slice(6, 20));
      expect(text).not.toContain(raw.toString("hex").slice(0, 12));
    }
    expect(JSON.parse(JSON.stringify(key))).toEqual({ kind: "signing", scheme });
  });

  it("cannot be made by hand, copied or used to verify", () => {
    const key = parseSigningKey(generateSecret());
    for (const forged of [{ kind: "signing", scheme: "v1" }, { ...key }, Object.create(key)]) {
      expect(() => sign({ id: "a", timestamp: 1, body, keys: [forged as SigningKey] })).toThrow(KeyError);
    }
    const headers = sign({ id: "a", timestamp: 1, body, keys: [key] });
    const asVerifying = key as unknown as VerifyingKey;
    expect(() => verify({ headers, body, keys: [asVerifying], now: 1 })).toThrow(KeyError);
    expect(() => Object.assign(key, { scheme: "v1a" })).toThrow(TypeError);
  });

  it("is another type than a verifying key", () => {
    expectTypeOf<SigningKey>().not.toExtend<VerifyingKey>();
    expectTypeOf(parseSigningKey).returns.toEqualTypeOf<SigningKey>();
    // @ts-expect-error a verifying key does not sign
    expect(() => sign({ id: "a", timestamp: 1, body, keys: [parseVerifyingKey(generateSecret())] })).toThrow(
      KeyError,
    );
  });
});

describe("generateSecret", () => {
  it("makes 32 random bytes for v1, another each time", () => {
    const secret = generateSecret();
    expect(Buffer.from(secret.slice("whsec_".length), "base64")).toHaveLength(32);
    expect(generateSecret()).not.toBe(secret);
  });
});

describe("publicKeyOf", () => {
  it("refuses a shared secret and a public key", () => {
    expect(() => publicKeyOf(generateSecret())).toThrow(KeyError);
    expect(() => publicKeyOf(publicKeyOf(generateSecret("v1a")))).toThrow(KeyError);
  });
});

function privateKeyWithStrangePublicHalf(): string {
  const [own, other] = [generateSecret("v1a"), generateSecret("v1a")].map((key) =>
    Buffer.from(key.slice(5), "base64"),
  );
  return `whsk_${Buffer.concat([own!.subarray(0, 32), other!.subarray(32)]).toString("base64")}`;
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("Expected a throw");
}
