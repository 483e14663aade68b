/** A set of code points: ranges, both ends included, sorted and apart from each other. */
export type CodePoints = readonly (readonly [number, number])[];

export const lastCodePoint = 0x10ffff;
export const everything: CodePoints = [[0, lastCodePoint]];
export const wordCharacters: CodePoints = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];

export function union(...sets: readonly CodePoints[]): CodePoints {
  const sorted = sets.flat().toSorted((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

export function complement(set: CodePoints): CodePoints {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) gaps.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= lastCodePoint) gaps.push([next, lastCodePoint]);
  return gaps;
}

export function intersection(left: CodePoints, right: CodePoints): CodePoints {
  return complement(union(complement(left), complement(right)));
}

export function has(set: CodePoints, codePoint: number): boolean {
  let [low, high] = [0, set.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to] = set[middle] ?? [0, -1];
    if (codePoint < from) high = middle - 1;
    else if (codePoint > to) low = middle + 1;
    else return true;
  }
  return false;
}

const scanned = new Map<string, CodePoints>();

/** The code points an escape such as `\p{Lu}` stands for, as this machine's Unicode has them. */
export function scan(escape: string): CodePoints {
  const known = scanned.get(escape);
  if (known !== undefined) return known;
  const expression = new RegExp(`^${escape}$`, "u");
  const found: [number, number][] = [];
  for (let codePoint = 0; codePoint <= lastCodePoint; codePoint++) {
    if (!expression.test(String.fromCodePoint(codePoint))) continue;
    const last = found.at(-1);
    if (last !== undefined && last[1] === codePoint - 1) last[1] = codePoint;
    else found.push([codePoint, codePoint]);
  }
  scanned.set(escape, found);
  return found;
}
