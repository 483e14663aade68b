import { createHash, createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { CompactSign, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { KeyError } from "../key-error.ts";
import type { AdapterOptions, AdapterRequest } from "./adapter.ts";
import type { KeyRequest } from "./fetch-key.ts";
import { createTokenAttest, type TokenPolicy } from "./jwt.ts";
import { createPlaidAttest } from "./plaid.ts";

const now = 1_795_220_135;
const secret = "a secret of some length, 32 and more";
const body = Buffer.from('{"type":"invoice.paid"}');
const bodyHash = createHash("sha256").update(body).digest("hex");
const policy: TokenPolicy = {
  name: "Example",
  algorithms: ["HS256"],
  token: { from: "header", name: "x-token", prefix: "Bearer " },
  bodyHash: { claim: "sha256", encoding: "hex" },
  claims: { iss: "example" },
  requires: ["iat"],
  toleranceSeconds: 300,
};
const good = { sha256: bodyHash, iss: "example", iat: now };
const options: AdapterOptions = { name: "Example", secrets: [secret], settings: {} };

function tokenOf(claims: Record<string, unknown>, { key = secret, alg = "HS256", kid = "" } = {}) {
  const header = kid === "" ? { alg } : { alg, kid };
  return new SignJWT(claims).setProtectedHeader(header).sign(new TextEncoder().encode(key));
}

function requestOf(token: string | string[], changes: Partial<AdapterRequest> = {}): AdapterRequest {
  const value = Array.isArray(token) ? token : `Bearer ${token}`;
  return { headers: { "X-Token": value }, body, nowSeconds: now, ...changes };
}

async function attest(token: string, changes: Partial<TokenPolicy> = {}, more: Partial<AdapterOptions> = {}) {
  return createTokenAttest({ ...policy, ...changes }, { ...options, ...more })(requestOf(token));
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const requestOfBody = (token: string, nowSeconds = now) => ({
  headers: {},
  body: Buffer.from(token),
  nowSeconds,
});

describe("createTokenAttest", () => {
  it("accepts a token with the hash of the body, by any of the secrets", async () => {
    const token = await tokenOf(good);
    expect(await attest(token, {}, { secrets: ["another", secret] })).toMatchObject({
      ok: true,
      keyIndex: 1,
      covered: "signature",
      timestamp: now,
      claims: { iss: "example" },
    });
  });

  it("reports a body that no claim covers as vouched for by a token only", async () => {
    const { bodyHash: _, ...uncovered } = policy;
    const result = await createTokenAttest(uncovered, options)(requestOf(await tokenOf(good)));
    expect(result).toMatchObject({ ok: true, covered: "token" });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["another body", { ...good, sha256: bodyHash.replace(/./, "x") }, "no_matching_key"],
    ["no hash of the body", { ...good, sha256: undefined }, "no_matching_key"],
    ["another issuer", { ...good, iss: "other" }, "no_matching_key"],
    ["no iat", { ...good, iat: undefined }, "malformed_header"],
    ["an iat that is no number", { ...good, iat: `${now}` }, "malformed_header"],
    ["an old iat", { ...good, iat: now - 301 }, "timestamp_too_old"],
    ["an iat ahead", { ...good, iat: now + 301 }, "timestamp_in_future"],
    ["an exp that is past", { ...good, exp: now - 1 }, "timestamp_too_old"],
    ["an nbf that is ahead", { ...good, nbf: now + 301 }, "timestamp_in_future"],
  ])("refuses %s", async (_name, claims, reason) => {
    const payload = new TextEncoder().encode(JSON.stringify(claims));
    const token = await new CompactSign(payload)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(secret));
    expect(await attest(token)).toMatchObject({ ok: false, reason });
  });

  it("takes the algorithm from the row, whatever the token says", async () => {
    const unsigned = `${base64url({ alg: "none" })}.${base64url(good)}`;
    expect(await attest(`${unsigned}.AAAA`)).toMatchObject({ reason: "unknown_scheme" });
    expect(await attest(`${unsigned}.`)).toMatchObject({ reason: "malformed_header" });
    const longer = await tokenOf(good, { key: "x".repeat(64), alg: "HS512" });
    expect(await attest(longer, {}, { secrets: ["x".repeat(64)] })).toMatchObject({
      reason: "unknown_scheme",
    });
  });

  it("never takes a public key for a shared secret, even where the row allows both", async () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = publicKey.export({ format: "pem", type: "spki" }) as string;
    const forged = await tokenOf(good, { key: pem });
    const result = await attest(forged, { algorithms: ["RS256", "HS256"] }, { secrets: [pem] });
    expect(result).toMatchObject({ reason: "no_matching_key" });
  });

  it.each<[string, () => { publicKey: KeyObject; privateKey: KeyObject }]>([
    ["RS256", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ["ES256", () => generateKeyPairSync("ec", { namedCurve: "P-256" })],
    ["ES512", () => generateKeyPairSync("ec", { namedCurve: "P-521" })],
    ["EdDSA", () => generateKeyPairSync("ed25519")],
  ])("verifies %s with a public key in PEM", async (alg, generate) => {
    const { publicKey, privateKey } = generate();
    const pem = publicKey.export({ format: "pem", type: "spki" }) as string;
    const token = await new SignJWT(good).setProtectedHeader({ alg }).sign(privateKey);
    const algorithms = ["RS256", "ES256", "ES512", "EdDSA"] as const;
    expect(await attest(token, { algorithms }, { secrets: [pem] })).toMatchObject({ ok: true });
    expect(
      await attest(token, { algorithms: ["HS256", "ES384", ...algorithms.filter((one) => one !== alg)] }),
    ).toMatchObject({
      reason: "unknown_scheme",
    });
  });

  it("refuses tokens that are not in the one canonical form, before any key is tried", async () => {
    const token = await tokenOf(good);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const last = "AEIMQUYcgkosw048";
    const lenient = signature.slice(0, -1) + (last.includes(signature.at(-1) ?? "") ? "B" : "A");
    const texts = [
      "",
      ".",
      "a.b",
      `${token}.x`,
      `${header}.${payload}.${lenient}`,
      `${token}=`,
      ` ${token}`,
      token.replace(".", ","),
      `${header}é.${payload}.${signature}`,
      `e30.${payload}.${signature}`,
      "x".repeat(9000),
    ];
    for (const text of texts)
      expect(await attest(text), text.slice(0, 30)).toMatchObject({ reason: "malformed_header" });
    const verify = createTokenAttest(policy, options);
    expect(await verify(requestOf([`Bearer ${token}`, `Bearer ${token}`]))).toMatchObject({
      reason: "malformed_header",
    });
    expect(await verify(requestOf([]))).toMatchObject({ reason: "missing_header" });
    expect(await verify({ ...requestOf(token), headers: { "x-token": token } })).toMatchObject({
      reason: "malformed_header",
    });
  });

  it("refuses critical headers and detached payloads that it does not understand", async () => {
    const payload = Buffer.from(JSON.stringify(good)).toString("base64url");
    const header = Buffer.from(JSON.stringify({ alg: "HS256", crit: ["exp"], exp: 1 })).toString("base64url");
    const signature = createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url");
    expect(await attest(`${header}.${payload}.${signature}`)).toMatchObject({ reason: "no_matching_key" });
  });

  it("holds claims against settings, and needs those that a row asks for", async () => {
    const row: TokenPolicy = { ...policy, claims: { aud: { setting: "url" }, app: { setting: "app" } } };
    const settings = { url: { expected: "the URL", required: true }, app: { expected: "the app" } };
    const make = (values: Record<string, string>) =>
      createTokenAttest({ ...row, settings }, { ...options, settings: values });
    expect(() => make({})).toThrow(/setting url of Example/);
    expect(() => createTokenAttest(row, { ...options, settings: { url: "x" } })).toThrow(TypeError);
    const token = await tokenOf({ ...good, aud: ["x", "y"] });
    expect(await make({ url: "y" })(requestOf(token))).toMatchObject({ ok: true });
    expect(await make({ url: "z" })(requestOf(token))).toMatchObject({ reason: "no_matching_key" });
    expect(await make({ url: "y", app: "a" })(requestOf(token))).toMatchObject({ reason: "no_matching_key" });
  });

  it("throws for secrets that are none, before any request", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const pem = publicKey.export({ format: "pem", type: "spki" }) as string;
    for (const one of ["", pem, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]) {
      expect(() => createTokenAttest(policy, { ...options, secrets: [one] })).toThrow(KeyError);
    }
  });
});

/** A provider's key set, or an API of keys, that counts how often it is asked. */
function createServer(answer: (request: KeyRequest) => unknown) {
  const requests: KeyRequest[] = [];
  return {
    requests,
    fetchKey: (request: KeyRequest) => {
      requests.push(request);
      const value = answer(request);
      return value === undefined
        ? Promise.reject(new Error("no answer"))
        : Promise.resolve(JSON.stringify(value));
    },
  };
}

describe("createTokenAttest, with a key set", () => {
  const row: TokenPolicy = {
    name: "Kinde",
    algorithms: ["RS256"],
    token: { from: "wholeBody" },
    key: { from: "jwks", setting: "issuer", path: "/.well-known/jwks.json" },
  };
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig" };
  const settings = { issuer: "https://example.kinde.com/" };
  const sign = (kid: string) =>
    new SignJWT({ type: "user.created" }).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);

  it("fetches the set once, and a second time for a key id that is not in it, at most every 30 s", async () => {
    const { requests, fetchKey } = createServer(() => ({ keys: [jwk] }));
    const verify = createTokenAttest(row, { ...options, secrets: [], settings, fetchKey });
    expect(await verify(requestOfBody(await sign("one")))).toMatchObject({ ok: true, covered: "signature" });
    expect(requests).toEqual([
      { url: "https://example.kinde.com/.well-known/jwks.json", headers: { accept: "application/json" } },
    ]);
    for (let index = 0; index < 20; index++) {
      const token = await sign(`unknown-${index}`);
      expect(await verify(requestOfBody(token, now + 31 + index))).toMatchObject({
        reason: "no_matching_key",
      });
    }
    expect(requests.length).toBe(2);
  });

  it("is key_unavailable without an answer, and for what is no key set", async () => {
    for (const answer of [undefined, {}, { keys: {} }, "text", null]) {
      const { fetchKey } = createServer(() => answer);
      const verify = createTokenAttest(row, { ...options, secrets: [], settings, fetchKey });
      expect(await verify(requestOfBody(await sign("one")))).toMatchObject({ reason: "key_unavailable" });
    }
    const verify = createTokenAttest(row, { ...options, secrets: [], settings });
    expect(await verify(requestOfBody(await sign("one")))).toMatchObject({ reason: "key_unavailable" });
  });

  it("takes no shared secret, no key for encryption and no private part out of a set", async () => {
    const keys = [
      { kty: "oct", k: "AAAA", kid: "one" },
      { ...jwk, use: "enc" },
      null,
      1,
      { kty: "RSA", n: 5, kid: "one" },
    ];
    const { fetchKey } = createServer(() => ({ keys }));
    const verify = createTokenAttest(row, { ...options, secrets: [], settings, fetchKey });
    expect(await verify(requestOfBody(await sign("one")))).toMatchObject({ reason: "no_matching_key" });
  });

  it("needs an https address", () => {
    for (const issuer of ["", "http://example.com", "example.com", "https://u:p@example.com"]) {
      expect(() => createTokenAttest(row, { ...options, settings: { issuer } })).toThrow(TypeError);
    }
  });
});

describe("createTokenAttest, with Atlassian's query hash", () => {
  const { bodyHash: _, ...uncovered } = policy;
  const row: TokenPolicy = { ...uncovered, queryHash: { claim: "qsh" }, claims: {}, requires: ["exp"] };

  it("accepts the URL whose hash the token holds and no other", async () => {
    const canonical = "POST&/hook&a=b%20c&x=1,2";
    const qsh = createHash("sha256").update(canonical).digest("hex");
    const token = await tokenOf({ qsh, exp: now + 180 });
    const verify = createTokenAttest(row, { ...options, settings: { baseUrl: "https://app.example/jira" } });
    const url = "https://app.example/jira/hook/?x=2&jwt=abc&x=1&a=b+c";
    expect(await verify(requestOf(token, { url, method: "post" }))).toMatchObject({
      ok: true,
      covered: "token",
    });
    expect(await verify(requestOf(token, { url: `${url}&b=1` }))).toMatchObject({
      reason: "no_matching_key",
    });
    expect(await verify(requestOf(token, { url, method: "PUT" }))).toMatchObject({
      reason: "no_matching_key",
    });
    expect(await verify(requestOf(token))).toMatchObject({ reason: "malformed_header" });
  });
});

describe("createPlaidAttest", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const kid = "bfbd5111-8e33-4643-8ced-b2e642a72f3c";
  const key = {
    ...publicKey.export({ format: "jwk" }),
    alg: "ES256",
    kid,
    use: "sig",
    created_at: 1,
    expired_at: null,
  };
  const sign = (claims: Record<string, unknown>, id = kid) =>
    new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "JWT", kid: id }).sign(privateKey);
  const requestOfToken = (token: string) => ({
    headers: { "plaid-verification": token },
    body,
    nowSeconds: now,
  });
  const plaid: AdapterOptions = { name: "Plaid", secrets: ["api-secret"], settings: { clientId: "client" } };
  const claims = { iat: now, request_body_sha256: bodyHash };

  it("asks Plaid's API for the key by its id, once", async () => {
    const { requests, fetchKey } = createServer(() => ({ key, request_id: "x" }));
    const verify = createPlaidAttest({ ...plaid, fetchKey });
    const token = await sign(claims);
    expect(await verify(requestOfToken(token))).toMatchObject({
      ok: true,
      covered: "signature",
      timestamp: now,
    });
    await verify(requestOfToken(token));
    expect(requests).toMatchObject([
      { url: "https://production.plaid.com/webhook_verification_key/get", method: "POST" },
    ]);
    expect(JSON.parse(requests[0]?.body ?? "")).toEqual({
      client_id: "client",
      secret: "api-secret",
      key_id: kid,
    });
  });

  it("refuses an expired key, a key of another id, and an id that could be anything else", async () => {
    const expired = createServer(() => ({ key: { ...key, expired_at: now } }));
    const other = createServer(() => ({ key: { ...key, kid: "other" } }));
    const never = createServer(() => undefined);
    const token = await sign(claims);
    const attest = ({ fetchKey }: typeof never, text = token) =>
      createPlaidAttest({ ...plaid, fetchKey })(requestOfToken(text));
    expect(await attest(expired)).toMatchObject({ reason: "no_matching_key" });
    expect(await attest(other)).toMatchObject({ reason: "key_unavailable" });
    expect(await attest(never)).toMatchObject({ reason: "key_unavailable" });
    expect(await attest(never, await sign(claims, "../x"))).toMatchObject({ reason: "malformed_header" });
    expect(never.requests.length).toBe(1);
  });

  it("refuses settings that cannot work", () => {
    expect(() => createPlaidAttest({ ...plaid, settings: {} })).toThrow(/clientId/);
    expect(() =>
      createPlaidAttest({ ...plaid, settings: { clientId: "a", environment: "evil.com/" } }),
    ).toThrow(TypeError);
  });
});
