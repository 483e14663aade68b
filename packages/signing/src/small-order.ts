/**
 * The y coordinates (32 bytes, little-endian) of the points of ed25519 whose order divides 8, also in the encodings that
 * are not reduced. The top bit, which is the sign of x, is taken off.
 */
const coordinates: ReadonlySet<string> = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

/**
 * Whether the 32 bytes of a public key are a point of small order. Nobody's private key gives one, and anybody can sign
 * for it. OpenSSL refuses such signatures; Bun and Deno take them.
 */
export function isOfSmallOrder(publicKey: Uint8Array): boolean {
  let hex = "";
  for (const [index, byte] of publicKey.entries()) {
    hex += (index === 31 ? byte & 0x7f : byte).toString(16).padStart(2, "0");
  }
  return coordinates.has(hex);
}
