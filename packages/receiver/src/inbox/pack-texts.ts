/**
 * Texts and bytes in one piece, each behind its length as 4 bytes, big-endian: what a Lua script takes apart with
 * `struct.unpack(">I4c0…")`. As arguments of their own they cost the client and Redis several times as much.
 */
export function packTexts(parts: readonly (string | Uint8Array)[]): Buffer {
  const lengths = parts.map((part) => (typeof part === "string" ? Buffer.byteLength(part) : part.length));
  const packed = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 4 * parts.length));
  let at = 0;
  for (const [index, part] of parts.entries()) {
    at = packed.writeUInt32BE(lengths[index] ?? 0, at);
    if (typeof part === "string") at += packed.write(part, at);
    else {
      packed.set(part, at);
      at += part.length;
    }
  }
  return packed;
}
