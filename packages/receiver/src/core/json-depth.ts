const [quote, backslash] = [0x22, 0x5c];

/** Whether the brackets of a JSON text are nested deeper than that: told from the bytes, before anything is built of them. */
export function isDeeperThan(text: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === quote) {
      at += 1;
      while (at < text.length && text[at] !== quote) at += text[at] === backslash ? 2 : 1;
    } else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (byte === 0x5d || byte === 0x7d) {
      depth -= 1;
    }
  }
  return false;
}
