import { createHmac, createSecretKey, type KeyObject } from "node:crypto";

/** The key of a `whsec_` secret. */
export function keyOf(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret.slice("whsec_".length), "base64"));
}

/** The key of a secret that is used as it is written, as GitHub's are. */
export function textKeyOf(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret));
}

interface Message {
  readonly id: string;
  readonly body: Uint8Array;
}

/** The headers that GitHub sends. */
export function signAsGitHub(key: KeyObject, { id, body }: Message) {
  return {
    "x-github-delivery": id,
    "x-github-event": "push",
    "x-hub-signature-256": `sha256=${createHmac("sha256", key).update(body).digest("hex")}`,
  };
}

/** The headers of Standard Webhooks, made with nothing but `node:crypto`. */
export function signBare(key: KeyObject, { id, body }: Message) {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
}
