import { createHmac, createSecretKey, type KeyObject } from "node:crypto";

/** The key of a `whsec_` secret. */
export function keyOf(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret.slice("whsec_".length), "base64"));
}

/** The headers of Standard Webhooks, made with nothing but `node:crypto`. */
export function signBare(key: KeyObject, { id, body }: { readonly id: string; readonly body: Uint8Array }) {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
}
