import { createHash, createHmac, generateKeyPairSync, sign as signBytes, constants } from "node:crypto";
import { describe, expect, it } from "vitest";
import { KeyError } from "../key-error.ts";
import type { AdapterRequest } from "./adapter.ts";
import { createHttpMessageAttest, type MessagePolicy } from "./http-message-signature.ts";

/** Keys and messages of RFC 9421, appendix B.1 and B.2. */
const keys = {
  rsaPss: `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----`,
  ed25519:
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----",
  shared: "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==",
};
const created = 1_618_884_473;
const body = Buffer.from('{"hello": "world"}');
const digest =
  "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
const message = {
  method: "POST",
  url: "https://example.com/foo?param=Value&Pet=dog",
  body,
  headers: {
    host: "example.com",
    date: "Tue, 20 Apr 2021 02:07:55 GMT",
    "content-type": "application/json",
    "content-digest": digest,
    "content-length": "18",
  },
  nowSeconds: created,
};
const policy: MessagePolicy = { name: "RFC 9421", components: [], secret: "base64" };

function attest(secret: string, request: AdapterRequest, row: Partial<MessagePolicy> = {}) {
  const options = { name: "RFC 9421", secrets: [secret], settings: {} };
  return createHttpMessageAttest({ ...policy, ...row }, options)(request);
}

describe("createHttpMessageAttest, with the vectors of RFC 9421", () => {
  const b22 = {
    "signature-input":
      'sig-b22=("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example"',
    signature:
      "sig-b22=:LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==:",
  };
  const b23 = {
    "signature-input":
      'sig-b23=("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
    signature:
      "sig-b23=:bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==:",
  };

  it.each([
    ["B.2.2", b22],
    ["B.2.3", b23],
  ])("accepts %s (rsa-pss-sha512)", async (_name, extra) => {
    const headers = { ...message.headers, ...extra };
    const result = await attest(keys.rsaPss, { ...message, headers });
    expect(result).toMatchObject({ ok: true, keyIndex: 0, covered: "signature", timestamp: created });
  });

  it("keeps the parts of the signature by name", async () => {
    const headers = { ...message.headers, ...b22 };
    const result = await attest(keys.rsaPss, { ...message, headers });
    expect(result).toMatchObject({ fields: { keyid: "test-key-rsa-pss", tag: "header-example" } });
  });

  it.each([
    [
      "B.2.1",
      keys.rsaPss,
      'sig=();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
    ],
    [
      "B.2.5",
      keys.shared,
      'sig=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    ],
  ])("refuses %s, which does not cover the body", async (_name, key, input) => {
    const headers = { ...message.headers, "signature-input": input, signature: "sig=:AAAA:" };
    const result = await attest(key, { ...message, headers });
    expect(result).toMatchObject({
      reason: "malformed_header",
      hint: expect.stringContaining("content-digest"),
    });
  });

  it("takes authority, path and query for the whole URL, but not two of them", async () => {
    const row = { components: ["@method", "@target-uri"] };
    const headers = { ...message.headers, ...b23 };
    expect(await attest(keys.rsaPss, { ...message, headers }, row)).toMatchObject({ ok: true });
    const input = b23["signature-input"].replace(' "@query"', "");
    const less = { ...headers, "signature-input": input };
    expect(await attest(keys.rsaPss, { ...message, headers: less }, row)).toMatchObject({
      reason: "malformed_header",
    });
  });

  it("refuses a vector when the row asks for more than it covers", async () => {
    const headers = { ...message.headers, ...b22 };
    const result = await attest(keys.rsaPss, { ...message, headers }, { components: ["@method"] });
    expect(result).toMatchObject({ reason: "malformed_header" });
  });
});

/** Signs as RFC 9421 says, apart from what is tested: the base is written out by hand. */
function createMessage(
  sign: (base: string) => Buffer,
  { parameters = `;created=${created}`, text = body.toString() } = {},
): AdapterRequest & { headers: Record<string, string> } {
  const contentDigest = `sha-256=:${createHash("sha256").update(text).digest("base64")}:`;
  const covered = `("@method" "@target-uri" "content-digest")${parameters}`;
  const base = [
    '"@method": POST',
    '"@target-uri": https://example.com/in?a=1',
    `"content-digest": ${contentDigest}`,
    `"@signature-params": ${covered}`,
  ].join("\n");
  return {
    method: "POST",
    url: "https://example.com/in?a=1",
    body: Buffer.from(text),
    nowSeconds: created,
    headers: {
      "content-digest": contentDigest,
      "signature-input": `sig1=${covered}`,
      signature: `sig1=:${sign(base).toString("base64")}:`,
    },
  };
}

const hmac = (base: string) => createHmac("sha256", Buffer.from(keys.shared, "base64")).update(base).digest();

describe("createHttpMessageAttest", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const ed25519 = generateKeyPairSync("ed25519");
  const pem = ({ publicKey }: typeof rsa) => publicKey.export({ format: "pem", type: "spki" }) as string;

  interface Scheme {
    readonly name: string;
    readonly secret: string;
    readonly row?: Partial<MessagePolicy>;
    readonly sign: (base: string) => Buffer;
  }
  it.each<Scheme>([
    { name: "hmac-sha256", secret: keys.shared, sign: hmac },
    {
      name: "ed25519",
      secret: pem(ed25519),
      sign: (base) => signBytes(null, Buffer.from(base), ed25519.privateKey),
    },
    {
      name: "ecdsa-p256-sha256",
      secret: pem(p256),
      sign: (base) =>
        signBytes("sha256", Buffer.from(base), { key: p256.privateKey, dsaEncoding: "ieee-p1363" }),
    },
    {
      name: "ecdsa-p384-sha384",
      secret: pem(p384),
      sign: (base) =>
        signBytes("sha384", Buffer.from(base), { key: p384.privateKey, dsaEncoding: "ieee-p1363" }),
    },
    {
      name: "rsa-pss-sha512",
      secret: pem(rsa),
      sign: (base) =>
        signBytes("sha512", Buffer.from(base), {
          key: rsa.privateKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: 64,
        }),
    },
    {
      name: "rsa-v1_5-sha256",
      secret: pem(rsa),
      row: { rsa: "rsa-v1_5-sha256" },
      sign: (base) => signBytes("sha256", Buffer.from(base), rsa.privateKey),
    },
  ])("verifies $name, and takes no other alg parameter for it", async ({ name, secret, sign, row = {} }) => {
    expect(await attest(secret, createMessage(sign), row)).toMatchObject({ ok: true });
    const named = createMessage(sign, { parameters: `;created=${created};alg="${name}"` });
    expect(await attest(secret, named, row)).toMatchObject({ ok: true });
    const misnamed = createMessage(sign, { parameters: `;created=${created};alg="rsa-sha1"` });
    expect(await attest(secret, misnamed, row)).toMatchObject({ reason: "unknown_scheme" });
    const other = createMessage(sign);
    expect(await attest(secret, { ...other, method: "PUT" }, row)).toMatchObject({
      reason: "no_matching_key",
    });
  });

  it("never takes a public key for a shared secret", async () => {
    const publicKey = pem(ed25519);
    const forged = createMessage((base) => createHmac("sha256", publicKey).update(base).digest(), {
      parameters: `;created=${created};alg="hmac-sha256"`,
    });
    expect(await attest(publicKey, forged, { secret: "utf8" })).toMatchObject({ reason: "unknown_scheme" });
  });

  it("hashes the body anew, and needs a digest it understands", async () => {
    const good = createMessage(hmac);
    const changed = { ...good, body: Buffer.from('{"hello": "World"}') };
    expect(await attest(keys.shared, changed)).toMatchObject({ reason: "no_matching_key" });
    const headers = { ...good.headers, "content-digest": "md5=:AAAA:" };
    expect(await attest(keys.shared, { ...good, headers })).toMatchObject({ reason: "no_matching_key" });
  });

  it.each([
    [`;created=${created - 301}`, "timestamp_too_old"],
    [`;created=${created + 301}`, "timestamp_in_future"],
    [`;created=${created};expires=${created - 1}`, "timestamp_too_old"],
    [`;created=1e3`, "malformed_header"],
    [`;created="${created}"`, "malformed_header"],
    [`;created=-5`, "malformed_header"],
    ["", "malformed_header"],
  ])("refuses the times %s", async (parameters, reason) => {
    expect(await attest(keys.shared, createMessage(hmac, { parameters }))).toMatchObject({ reason });
  });

  it.each(["signature", "signature-input", "content-digest"])("needs %s, once", async (name) => {
    const good = createMessage(hmac);
    const { [name]: value = "", ...without } = good.headers;
    expect(await attest(keys.shared, { ...good, headers: without })).toMatchObject({
      reason: "missing_header",
    });
    const headers = { ...good.headers, [name]: [value, value] };
    expect(await attest(keys.shared, { ...good, headers })).toMatchObject({ reason: "malformed_header" });
  });

  it("refuses base64 with unused bits set, and another label", async () => {
    const good = createMessage(hmac);
    const { signature = "", "signature-input": input = "" } = good.headers;
    const lenient = signature.replace(/.=:$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=:`);
    for (const changed of [lenient, signature.replace("sig1", "sig2"), `${signature}, ${input}`]) {
      const headers = { ...good.headers, signature: changed };
      expect(await attest(keys.shared, { ...good, headers })).toMatchObject({ ok: false });
    }
  });

  it("accepts one good signature among others", async () => {
    const good = createMessage(hmac);
    const headers = {
      ...good.headers,
      "signature-input": `proxy=("date");created=1, ${good.headers["signature-input"]}`,
      signature: `proxy=:AAAA:, ${good.headers["signature"]}`,
    };
    expect(await attest(keys.shared, { ...good, headers })).toMatchObject({ ok: true });
  });

  it("throws for secrets that are none, before any request", () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
    for (const secret of [
      "",
      "not base64",
      pem(weak),
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ]) {
      expect(() => createHttpMessageAttest(policy, { name: "x", secrets: [secret], settings: {} })).toThrow(
        KeyError,
      );
    }
  });
});
