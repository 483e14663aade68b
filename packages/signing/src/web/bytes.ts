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

/** Looks at every byte of the first, whatever the others are, so that its time tells nothing. */
export function areEqual(right: Uint8Array, given: Uint8Array): boolean {
  let difference = right.length ^ given.length;
  for (let index = 0; index < right.length; index++) {
    difference |= (right[index] ?? 0) ^ (given[index] ?? 0);
  }
  return difference === 0;
}
