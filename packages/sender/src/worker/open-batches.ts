/** The journalled batches of which something is in flight. */
export interface OpenBatches {
  begin(batch: number, deliveries: number): void;
  open(): readonly number[];
  /** One delivery of the batch is not in flight any more, and nothing of it will be recorded. */
  giveUp(batch: number): void;
  /** Those that are over when a delivery of each of these is recorded, and those that were given up since. */
  finishedWith(batches: readonly number[]): readonly number[];
  /** A delivery of each of these is recorded, and that nothing of the finished ones is in flight. */
  recorded(batches: readonly number[], finished: readonly number[]): void;
}

export function createOpenBatches(): OpenBatches {
  /** How many deliveries of each are not recorded yet. */
  const left = new Map<number, number>();
  let givenUp: readonly number[] = [];
  const countBack = (batch: number, count: number): boolean => {
    const rest = (left.get(batch) ?? count) - count;
    if (rest > 0) left.set(batch, rest);
    else left.delete(batch);
    return rest <= 0;
  };
  return {
    begin: (batch, deliveries) => void left.set(batch, deliveries),
    open: () => [...left.keys()],
    giveUp(batch) {
      if (countBack(batch, 1)) givenUp = [...givenUp, batch];
    },
    finishedWith(batches) {
      const finished = [...countsOf(batches)].filter(([batch, count]) => left.get(batch) === count);
      return [...finished.map(([batch]) => batch), ...givenUp];
    },
    recorded(batches, finished) {
      givenUp = givenUp.filter((batch) => !finished.includes(batch));
      for (const [batch, count] of countsOf(batches))
        // The rest of it was given up meanwhile.
        if (countBack(batch, count) && !finished.includes(batch)) givenUp = [...givenUp, batch];
    },
  };
}

function countsOf(batches: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const batch of batches) counts.set(batch, (counts.get(batch) ?? 0) + 1);
  return counts;
}
