import type { webcrypto } from "node:crypto";
import { KeyError } from "../key-error.ts";
import type { HttpMessageSignatureProvider } from "./provider.ts";
import { isSecretText, parseSecret } from "./secret-bytes.ts";
import { isPem, type PublicKeyInfo, readPublicKeyPem } from "./spki.ts";

/** Algorithms of RFC 9421, section 3.3. */
export type MessageAlgorithm =
  | "hmac-sha256"
  | "ed25519"
  | "ecdsa-p256-sha256"
  | "ecdsa-p384-sha384"
  | "rsa-pss-sha512"
  | "rsa-v1_5-sha256";

/** A key that may have signed a message. */
export interface MessageKey {
  /** Follows from the key and the row, never from the message. */
  readonly algorithm: MessageAlgorithm;
  verify(message: Uint8Array<ArrayBuffer>, signature: ArrayBuffer): Promise<boolean>;
}

/** How WebCrypto calls an algorithm, to import a key and to verify. */
interface Call {
  readonly importing: { readonly name: string; readonly hash?: string; readonly namedCurve?: string };
  readonly verifying: { readonly name: string; readonly hash?: string; readonly saltLength?: number };
}

const calls: Readonly<Record<MessageAlgorithm, Call>> = {
  "hmac-sha256": { importing: { name: "HMAC", hash: "SHA-256" }, verifying: { name: "HMAC" } },
  ed25519: { importing: { name: "Ed25519" }, verifying: { name: "Ed25519" } },
  "ecdsa-p256-sha256": {
    importing: { name: "ECDSA", namedCurve: "P-256" },
    verifying: { name: "ECDSA", hash: "SHA-256" },
  },
  "ecdsa-p384-sha384": {
    importing: { name: "ECDSA", namedCurve: "P-384" },
    verifying: { name: "ECDSA", hash: "SHA-384" },
  },
  "rsa-pss-sha512": {
    importing: { name: "RSA-PSS", hash: "SHA-512" },
    verifying: { name: "RSA-PSS", saltLength: 64 },
  },
  "rsa-v1_5-sha256": {
    importing: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    verifying: { name: "RSASSA-PKCS1-v1_5" },
  },
};

/** Parses a secret: a public key in PEM, or a shared secret as the row writes it. @throws KeyError */
export function parseMessageKey(
  secret: unknown,
  row: Pick<HttpMessageSignatureProvider, "name" | "secret" | "rsa">,
): MessageKey {
  if (!isSecretText(secret)) throw new KeyError("Expected a secret, not empty.");
  if (!isPem(secret)) {
    return createKey("hmac-sha256", { format: "raw", bytes: parseSecret(row, secret) });
  }
  const info = readPublicKeyPem(secret);
  const algorithm = info && algorithmOf(info, row);
  if (algorithm === undefined) {
    throw new KeyError("Expected a public key in PEM: Ed25519, P-256, P-384, or RSA of 2,048 bits or more.");
  }
  return createKey(algorithm, { format: "spki", bytes: info?.der ?? new Uint8Array() });
}

function algorithmOf(
  { kind }: PublicKeyInfo,
  row: Pick<HttpMessageSignatureProvider, "rsa">,
): MessageAlgorithm | undefined {
  switch (kind) {
    case "ed25519":
      return "ed25519";
    case "p256":
      return "ecdsa-p256-sha256";
    case "p384":
      return "ecdsa-p384-sha384";
    case "p521":
      return undefined;
    case "rsa":
      return row.rsa ?? "rsa-pss-sha512";
  }
}

function createKey(
  algorithm: MessageAlgorithm,
  { format, bytes }: { readonly format: "raw" | "spki"; readonly bytes: Uint8Array<ArrayBuffer> },
): MessageKey {
  const { importing, verifying } = calls[algorithm];
  let key: Promise<webcrypto.CryptoKey> | undefined;
  return {
    algorithm,
    verify: async (message, signature) => {
      try {
        key ??= crypto.subtle.importKey(format, bytes, importing, false, ["verify"]);
        return await crypto.subtle.verify(verifying, await key, signature, message);
      } catch {
        // A point that is on no curve, or an algorithm that the runtime does not have: no signature matches.
        return false;
      }
    },
  };
}
