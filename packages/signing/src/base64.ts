/**
 * Decodes canonical base64 (RFC 4648 section 4: standard alphabet, padded, unused bits zero) or gives `undefined`.
 * `Buffer.from` alone takes nearly anything, so that many texts would stand for the same bytes.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
