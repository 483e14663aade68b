import { isClosing, isOpening, quote, skipString } from "./json-text.ts";

/**
 * The bytes of values within a JSON text, by the JSON Pointers that lead to them, exactly as they stand there: numbers,
 * spaces and doubled members stay as they were sent. Of a member that is there twice the last one counts, as it does for
 * `JSON.parse`. The text must be one that `JSON.parse` takes; what a pointer does not lead to is missing in the result.
 */
export function sliceJson(text: Uint8Array, pointers: readonly string[]): ReadonlyMap<string, Uint8Array> {
  const wanted = new Set(pointers);
  const above = new Set<string>();
  for (const pointer of wanted) {
    for (let end = pointer.lastIndexOf("/"); end >= 0; end = pointer.lastIndexOf("/", end - 1)) {
      const parent = pointer.slice(0, end);
      if (above.has(parent)) break;
      above.add(parent);
      if (end === 0) break;
    }
  }
  const found = new Map<string, Uint8Array>();
  const visit = (at: number, pointer: string): number => {
    const start = skipSpace(text, at);
    const end = above.has(pointer) ? enter(start, pointer) : skipValue(text, start);
    if (wanted.has(pointer)) found.set(pointer, text.subarray(start, end));
    return end;
  };
  /** Goes through a value's children and gives where it ends. */
  const enter = (start: number, pointer: string): number => {
    const isObject = text[start] === openBrace;
    if (!isObject && text[start] !== openBracket) return skipValue(text, start);
    let at = skipSpace(text, start + 1);
    for (let index = 0; at < text.length && !isClosing(text[at]); index += 1) {
      let step = String(index);
      if (isObject) {
        const end = skipString(text, at);
        step = memberName(text.subarray(at, end));
        at = skipSpace(text, end) + 1;
      }
      at = skipSpace(text, visit(at, `${pointer}/${step}`));
      if (text[at] === comma) at = skipSpace(text, at + 1);
    }
    return at + 1;
  };
  visit(0, "");
  return found;
}

const [comma, openBrace, openBracket] = [0x2c, 0x7b, 0x5b];

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipSpace(text: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(text[at])) at += 1;
  return at;
}

/** Counts brackets instead of descending, so that no depth is too deep. */
function skipValue(text: Uint8Array, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const byte = text[at];
    if (byte === quote) {
      at = skipString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (depth === 0 && at > from && (byte === comma || isClosing(byte) || isSpace(byte))) return at;
    if (isOpening(byte)) depth += 1;
    if (isClosing(byte)) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
    at += 1;
  }
  return at;
}

function memberName(text: Uint8Array): string {
  const name: unknown = JSON.parse(new TextDecoder().decode(text));
  return String(name).replaceAll("~", "~0").replaceAll("/", "~1");
}
