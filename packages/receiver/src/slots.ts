/** How much is in flight for each lane: one source's way to one destination. */
export interface Slots<Item> {
  free(lane: string): number;
  /** What is in flight under a key. */
  find(lane: string, key: string): Item | undefined;
  /** Takes a slot until `work` has ended. */
  hold(lane: string, item: Item, work: Promise<void>): Promise<void>;
  /** Everything in flight. */
  held(): readonly Item[];
  /** Aborts when a lane that had no room gets some, or at the next `ring`. */
  woken(): AbortSignal;
  ring(): void;
  /** Resolves when what is in flight now has ended. */
  drained(): Promise<void>;
}

export function createSlots<Item extends { readonly key: string }>(perLane: number): Slots<Item> {
  const byLane = new Map<string, Map<string, Item>>();
  const work = new Set<Promise<void>>();
  let woken = new AbortController();
  const free = (lane: string) => perLane - (byLane.get(lane)?.size ?? 0);

  return {
    free,
    find: (lane, key) => byLane.get(lane)?.get(key),
    hold: async (lane, item, promise) => {
      const items = byLane.get(lane) ?? new Map<string, Item>();
      byLane.set(lane, items.set(item.key, item));
      work.add(promise);
      await promise;
      const wasFull = free(lane) === 0;
      items.delete(item.key);
      work.delete(promise);
      if (wasFull) woken.abort();
    },
    held: () => [...byLane.values()].flatMap((items) => [...items.values()]),
    woken: () => {
      if (woken.signal.aborted) woken = new AbortController();
      return woken.signal;
    },
    ring: () => woken.abort(),
    drained: async () => void (await Promise.allSettled(work)),
  };
}
