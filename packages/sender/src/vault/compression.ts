import { deflateRawSync, inflateRawSync } from "node:zlib";

/** What is longer is kept as it is; nothing that a store keeps is. */
const MAX_BYTES = 16 * 1_024 * 1_024;
/** What saves less is not worth the work of reading it. */
const MIN_SAVING = 1 / 8;

/** The length in four bytes and raw DEFLATE; undefined where that does not pay. */
export function compress(value: Uint8Array): Uint8Array | undefined {
  if (value.length > MAX_BYTES) return undefined;
  const deflated = deflateRawSync(value, { level: 1 });
  if (deflated.length + 4 > value.length * (1 - MIN_SAVING)) return undefined;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, deflated]);
}

/** Undefined for what `compress` has not made. Never makes more than the bytes that are announced. */
export function decompress(kept: Uint8Array): Uint8Array | undefined {
  if (kept.length < 5) return undefined;
  const length = Buffer.from(kept.buffer, kept.byteOffset, 4).readUInt32BE();
  if (length === 0 || length > MAX_BYTES) return undefined;
  try {
    const value = inflateRawSync(kept.subarray(4), { maxOutputLength: length });
    return value.length === length ? value : undefined;
  } catch {
    return undefined;
  }
}
