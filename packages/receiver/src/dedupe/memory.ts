import { type Dedupe, rememberMs as defaultRememberMs } from "../dedupe.ts";

export interface MemoryDedupeOptions {
  /** How long a handled event is remembered. Default 7 days. */
  readonly rememberMs?: number;
  /** Events above which the oldest tenth is forgotten. Default 100,000: about 20 MB. */
  readonly maxEvents?: number;
}

interface Memory {
  readonly attempt: number;
  /** Until then it is being handled; `undefined` once it is. */
  readonly busyUntilMs: number | undefined;
  readonly forgetAtMs: number;
}

/**
 * Remembers in memory: for tests, and where handlers are idempotent anyway. What it knows ends with the process, and
 * other processes do not know it.
 */
export function createMemoryDedupe(options: MemoryDedupeOptions = {}): Dedupe {
  const { rememberMs = defaultRememberMs, maxEvents = 100_000 } = options;
  /** In the order of the last change, so that the first are the oldest. */
  const events = new Map<string, Memory>();

  const keep = (key: string, memory: Memory) => {
    events.delete(key);
    events.set(key, memory);
    if (events.size > maxEvents) forgetOldest();
  };
  // Many at once: a map passes over the gaps of all that it has lost to find its first.
  const forgetOldest = () => {
    for (const oldest of events.keys()) {
      events.delete(oldest);
      if (events.size <= 0.9 * maxEvents) break;
    }
  };
  const known = (key: string, nowMs: number) => {
    const memory = events.get(key);
    return memory !== undefined && memory.forgetAtMs > nowMs ? memory : undefined;
  };
  const change = (
    key: string,
    { attempt, nowMs }: { attempt: number; nowMs: number },
    busyUntilMs?: number,
  ) => {
    const memory = known(key, nowMs);
    if (memory?.attempt !== attempt || memory.busyUntilMs === undefined) return false;
    keep(key, { attempt, busyUntilMs, forgetAtMs: nowMs + rememberMs });
    return true;
  };
  return {
    begin: async ({ source, eventId, leaseMs, nowMs }) => {
      const key = keyOf(source, eventId);
      const memory = known(key, nowMs);
      if (memory !== undefined && memory.busyUntilMs === undefined) return { kind: "handled" };
      if (memory?.busyUntilMs !== undefined && memory.busyUntilMs > nowMs) return { kind: "busy" };
      const attempt = (memory?.attempt ?? 0) + 1;
      keep(key, { attempt, busyUntilMs: nowMs + leaseMs, forgetAtMs: nowMs + rememberMs });
      return { kind: "begun", attempt };
    },
    finish: async ({ source, eventId, ...begun }) => change(keyOf(source, eventId), begun),
    release: async ({ source, eventId, ...begun }) => change(keyOf(source, eventId), begun, 0),
    close: async () => {},
  };
}

/** No source has a space in its name. */
function keyOf(source: string, eventId: string): string {
  return `${source} ${eventId}`;
}
