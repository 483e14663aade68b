import { isClosing, isOpening, quote, skipString } from "./json-text.ts";

/** Whether the brackets of a JSON text are nested deeper than that: told from the bytes, before anything is built of them. */
export function isDeeperThan(text: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === quote) at = skipString(text, at) - 1;
    else if (isClosing(byte)) depth -= 1;
    else if (isOpening(byte)) depth += 1;
    if (depth > maxDepth) return true;
  }
  return false;
}
