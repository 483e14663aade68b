import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from "../base64.ts";
import { unusable } from "../secret-text.ts";
import { bytesOf } from "./bytes.ts";
import type { Matcher, Signer } from "./key.ts";

const algorithm = "Ed25519";
const keyLength = 32;
/** DER in front of a raw private key (RFC 8410, PKCS #8), which has no other form that every runtime reads. */
const privateDer = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

/**
 * Standard Webhooks `v1a`: ed25519 (RFC 8032). Receivers hold only the public key, so they cannot sign.
 *
 * @throws KeyError when the public half behind the private one is another's.
 */
export async function readSigner(bytes: Uint8Array): Promise<Signer> {
  if (bytes.length > keyLength) await publicBytes(bytes);
  const key = await importPrivateKey(bytes, false);
  return async (content) =>
    encodeBase64(new Uint8Array(await crypto.subtle.sign(algorithm, key, bytesOf(content))));
}

/** See `readSigner`. */
export async function readMatcher(bytes: Uint8Array<ArrayBuffer>): Promise<Matcher> {
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
  return async (content, signatures) => {
    const signed = bytesOf(content);
    let isMatched = false;
    for (const signature of signatures) {
      const given = decodeBase64(signature) ?? new Uint8Array();
      isMatched = (await crypto.subtle.verify(algorithm, key, given, signed)) || isMatched;
    }
    return isMatched;
  };
}

/** The public key to the bytes of a private one. @throws KeyError as `readSigner` does. */
export async function publicBytes(bytes: Uint8Array): Promise<Uint8Array> {
  // WebCrypto gives the public half of a private key in this format only.
  const { x } = await crypto.subtle.exportKey("jwk", await importPrivateKey(bytes, true));
  const stated = bytes.subarray(keyLength);
  if (stated.length > 0 && encodeBase64Url(stated) !== x) throw unusable("v1a", "signing");
  return decodeBase64Url(x ?? "") ?? new Uint8Array();
}

/** The bytes of a new private key with its public one behind it. */
export async function generatePrivateBytes(): Promise<Uint8Array> {
  const seed = crypto.getRandomValues(new Uint8Array(keyLength));
  return Uint8Array.of(...seed, ...(await publicBytes(seed)));
}

function importPrivateKey(bytes: Uint8Array, isExtractable: boolean) {
  const der = Uint8Array.of(...privateDer, ...bytes.subarray(0, keyLength));
  return crypto.subtle.importKey("pkcs8", der, algorithm, isExtractable, ["sign"]);
}
