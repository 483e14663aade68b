import type { Content } from "../scheme.ts";

const encoder = new TextEncoder();

/** What is signed, in one piece: WebCrypto takes nothing else. */
export function bytesOf({ prefix, body }: Content): Uint8Array<ArrayBuffer> {
  const before = encoder.encode(prefix);
  const after = typeof body === "string" ? encoder.encode(body) : body;
  const bytes = new Uint8Array(before.length + after.length);
  bytes.set(before);
  bytes.set(after, before.length);
  return bytes;
}
