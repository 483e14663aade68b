/** How much of each source is in flight. */
export interface Slots<Item> {
  /** Sources that have room. */
  freeSources(): readonly string[];
  free(source: string): number;
  /** Takes a slot until `work` has ended. */
  hold(source: string, item: Item, work: Promise<void>): Promise<void>;
  /** Everything in flight. */
  held(): readonly Item[];
  /** Aborts when a source that had no room gets some. */
  freed(): AbortSignal;
  /** Resolves when what is in flight now has ended. */
  drained(): Promise<void>;
}

export function createSlots<Item>(sources: readonly string[], perSource: number): Slots<Item> {
  const bySource = new Map(sources.map((source) => [source, new Set<Item>()]));
  const work = new Set<Promise<void>>();
  let freed = new AbortController();
  const free = (source: string) => perSource - (bySource.get(source)?.size ?? perSource);

  return {
    free,
    freeSources: () => sources.filter((source) => free(source) > 0),
    hold: async (source, item, promise) => {
      const items = bySource.get(source);
      items?.add(item);
      work.add(promise);
      await promise;
      const wasFull = free(source) === 0;
      items?.delete(item);
      work.delete(promise);
      if (wasFull) freed.abort();
    },
    held: () => [...bySource.values()].flatMap((items) => [...items]),
    freed: () => {
      if (freed.signal.aborted) freed = new AbortController();
      return freed.signal;
    },
    drained: async () => void (await Promise.allSettled(work)),
  };
}
