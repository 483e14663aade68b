/** The byte that begins and ends a string. */
export const quote = 0x22;
const [backslash, openBrace, closeBrace, openBracket, closeBracket] = [0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

export function isOpening(byte: number | undefined): boolean {
  return byte === openBrace || byte === openBracket;
}

export function isClosing(byte: number | undefined): boolean {
  return byte === closeBrace || byte === closeBracket;
}

/** Where the string ends that begins at `from`; behind the text when it does not end. */
export function skipString(text: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === backslash ? 2 : 1;
  return at + 1;
}
