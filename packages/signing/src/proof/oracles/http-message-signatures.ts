import { createHash, createHmac, generateKeyPairSync, sign, timingSafeEqual, verify } from "node:crypto";
import { type Oracle, passes, type Sample, type SignedRequest } from "../oracle.ts";

const components = [
  "@method",
  "@target-uri",
  "@authority",
  "@path",
  "@query",
  "content-digest",
  "content-type",
];

interface Scheme {
  readonly algorithm: string;
  readonly secret: string;
  readonly sign: (data: Buffer) => Buffer;
  readonly verify: (data: Buffer, signature: Buffer) => boolean;
}

function digestOf(body: Buffer): string {
  return `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;
}

function oracleOf(scheme: Scheme): Oracle {
  return {
    providers: ["http-message-signatures"],
    library: "http-message-signatures",
    secrets: [scheme.secret],
    sign: async ({ id, timestamp, url, body }: Sample) => {
      const { httpbis } = await import("http-message-signatures");
      const message = await httpbis.signMessage(
        {
          key: { id: "key-1", alg: scheme.algorithm, sign: (data) => Promise.resolve(scheme.sign(data)) },
          fields: components,
          params: ["created", "nonce", "keyid", "alg"],
          paramValues: { created: new Date(timestamp * 1000), nonce: id },
        },
        {
          method: "POST",
          url,
          headers: { "content-type": "application/json", "content-digest": digestOf(body) },
        },
      );
      const headers = Object.entries(message.headers).map(([name, value]) => [
        name.toLowerCase(),
        String(value),
      ]);
      return { method: "POST", url, headers: Object.fromEntries(headers) as Record<string, string>, body };
    },
    // The library checks the signature; that the digest is the body's is left to its user, as here.
    verify: async ({ method, url, headers, body }: SignedRequest) => {
      const { httpbis } = await import("http-message-signatures");
      const outcome: { isValid: boolean | null } = { isValid: false };
      const isRead = await passes(async () => {
        const key = {
          id: "key-1",
          algs: [scheme.algorithm],
          verify: (data: Buffer, signature: Buffer) => Promise.resolve(scheme.verify(data, signature)),
        };
        outcome.isValid = await httpbis.verifyMessage(
          { keyLookup: () => Promise.resolve(key) },
          { method, url, headers: { ...headers } },
        );
      });
      return isRead && outcome.isValid === true && headers["content-digest"] === digestOf(body);
    },
  };
}

const shared = Buffer.from("a shared secret of 32 bytes or so");
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });

export const hmacOracle = oracleOf({
  algorithm: "hmac-sha256",
  secret: shared.toString("base64"),
  sign: (data) => createHmac("sha256", shared).update(data).digest(),
  verify: (data, signature) =>
    signature.length === 32 && timingSafeEqual(createHmac("sha256", shared).update(data).digest(), signature),
});

export const ed25519Oracle = oracleOf({
  algorithm: "ed25519",
  secret: publicKey.export({ format: "pem", type: "spki" }) as string,
  sign: (data) => sign(null, data, privateKey),
  verify: (data, signature) => verify(null, data, publicKey, signature),
});

export const ecdsaOracle = oracleOf({
  algorithm: "ecdsa-p256-sha256",
  secret: pair.publicKey.export({ format: "pem", type: "spki" }) as string,
  sign: (data) => sign("sha256", data, { key: pair.privateKey, dsaEncoding: "ieee-p1363" }),
  verify: (data, signature) =>
    verify("sha256", data, { key: pair.publicKey, dsaEncoding: "ieee-p1363" }, signature),
});
