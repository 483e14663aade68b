/**
 * A set of ASCII characters to check texts against. A table, because it costs a third of the same regular expression,
 * and four of these are on the way of every request.
 */
export interface Alphabet {
  /** Whether every character from `start` up to `end` belongs. An empty range does. */
  spans(text: string, start: number, end: number): boolean;
}

const ranges = /[A-Z]-[A-Z]|[a-z]-[a-z]|[0-9]-[0-9]/g;

/** Makes an alphabet of ranges and single characters, such as `A-Z0-9_`. */
export function createAlphabet(description: string): Alphabet {
  const members = new Uint8Array(128);
  for (const [first, , last] of description.match(ranges) ?? []) {
    for (let code = codeOf(first); code <= codeOf(last); code++) members[code] = 1;
  }
  for (const single of description.replace(ranges, "")) members[codeOf(single)] = 1;
  return {
    spans: (text, start, end) => {
      for (let index = start; index < end; index++) {
        if (members[text.charCodeAt(index)] !== 1) return false;
      }
      return true;
    },
  };
}

function codeOf(character = ""): number {
  return character.charCodeAt(0);
}
