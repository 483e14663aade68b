/** The known word nearest to a misspelt one, if so few letters set them apart. */
export function nearest(word: string, known: readonly string[], furthest = 3): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= furthest ? best.candidate : undefined;
}

const maxDistance = 10;

/** Levenshtein's distance, one row at a time; words of very different lengths are just far apart. */
function distance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > maxDistance) return maxDistance;
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
