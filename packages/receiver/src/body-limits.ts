import type { BodyRead } from "./receive.ts";

/** Bytes that are all there already. */
export function given(bytes: Uint8Array, maxBytes: number): BodyRead {
  return bytes.byteLength > maxBytes ? tooLarge(maxBytes) : { kind: "bytes", bytes };
}

export function tooLarge(maxBytes: number): BodyRead {
  return { kind: "refused", code: "payload_too_large", hint: `The body is above ${maxBytes} bytes.` };
}

/** What is answered while the bodies of all requests together take what memory there is for them. */
export const noRoom: BodyRead = {
  kind: "refused",
  code: "overloaded",
  hint: "Too many bodies are being read.",
};

/** What is answered, though hardly anybody hears it, when a body does not come to its end. */
export const brokenOff: BodyRead = {
  kind: "refused",
  code: "bad_request",
  hint: "The connection ended before the body was complete.",
};

/** One array of all chunks, whose lengths add up to `size`. */
export function joinBytes(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
