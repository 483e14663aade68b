/** What validators ask of a `pattern`. */
export interface LinearPattern {
  test(text: string): boolean;
}

interface Table {
  /** Where each range of code points begins. */
  readonly starts: Uint32Array;
  /** The class of each range, of which there are `width`. */
  readonly classes: Uint16Array;
  /** The class of each ASCII character. */
  readonly ascii: Uint16Array;
  readonly width: number;
  readonly start: number;
  readonly ends: Uint8Array;
  /** The next state, by state and class; state 0 has refused, state 1 has accepted. */
  readonly rows: Uint16Array;
}

/** A pattern as an automaton: it looks at each character of a text once, whatever the text. */
export function createLinearPattern(encoded: string): LinearPattern {
  let table: Table | undefined;
  return { test: (text) => matches((table ??= decode(encoded)), text) };
}

function matches({ starts, classes, ascii, width, start, ends, rows }: Table, text: string): boolean {
  let state = start;
  for (let index = 0; index < text.length && state > 1; index++) {
    const codePoint = text.codePointAt(index) as number;
    if (codePoint > 0xffff) index++;
    const column = codePoint < 128 ? ascii[codePoint] : classes[rangeOf(starts, codePoint)];
    state = rows[state * width + (column as number)] as number;
  }
  return ends[state] === 1;
}

/** The last range that begins at or before a code point. */
function rangeOf(starts: Uint32Array, codePoint: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= codePoint) low = middle;
    else high = middle;
  }
  return low;
}

function decode(encoded: string): Table {
  const [lengths = [], classes = [], [start = 0] = [], ends = [], rows = []] = encoded
    .split(";")
    .map((list) => list.split(",").map((text) => parseInt(text, 36)));
  let sum = 0;
  const starts = Uint32Array.from(lengths, (length) => (sum += length));
  return {
    starts,
    classes: Uint16Array.from(classes),
    ascii: Uint16Array.from({ length: 128 }, (_, codePoint) => classes[rangeOf(starts, codePoint)] as number),
    width: rows.length / ends.length,
    start,
    ends: Uint8Array.from(ends),
    rows: Uint16Array.from(rows),
  };
}
