/** Endpoints for which time alone makes room: an open breaker, a rate limit. */
export interface Sleepers {
  add(endpoint: string, untilMs: number): void;
  has(endpoint: string): boolean;
  /** Whether it was asleep. */
  delete(endpoint: string): boolean;
  /** Those whose time has come, who are not asleep any more; all of them when the clock was set back. */
  awake(nowMs: number): readonly string[];
  /** When the next of them wakes; absent when there is none. */
  readonly nextMs: number | undefined;
}

export function createSleepers(): Sleepers {
  const until = new Map<string, number>();
  let nextMs = Infinity;
  let lastMs = 0;
  return {
    add(endpoint, untilMs) {
      until.set(endpoint, untilMs);
      nextMs = Math.min(nextMs, untilMs);
    },
    has: (endpoint) => until.has(endpoint),
    delete: (endpoint) => until.delete(endpoint),
    awake(nowMs) {
      const isSetBack = nowMs < lastMs;
      lastMs = nowMs;
      if (nowMs < nextMs && !isSetBack) return [];
      const awake = [...until].filter(([, untilMs]) => untilMs <= nowMs || isSetBack).map(([id]) => id);
      for (const endpoint of awake) until.delete(endpoint);
      nextMs = Infinity;
      // One by one: there may be more than a call has arguments.
      for (const untilMs of until.values()) nextMs = Math.min(nextMs, untilMs);
      return awake;
    },
    get nextMs() {
      return until.size === 0 ? undefined : nextMs;
    },
  };
}
