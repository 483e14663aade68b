import { type BegunEvent, type Dedupe, rememberMs as defaultRememberMs } from "../dedupe.ts";

export interface MemoryDedupeOptions {
  /** How long a handled event is remembered. Default 7 days. */
  readonly rememberMs?: number;
  /** Events above which the oldest tenth is forgotten. Default 100,000: about 20 MB. */
  readonly maxEvents?: number;
  /** Unix milliseconds. Default: the machine's clock. */
  readonly clock?: () => number;
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
  const { rememberMs = defaultRememberMs, maxEvents = 100_000, clock = Date.now } = options;
  /** In the order of the last change, so that the first are the oldest. */
  const events = new Map<string, Memory>();

  const keep = (key: string, memory: Memory) => {
    events.delete(key);
    events.set(key, memory);
    if (events.size > maxEvents) forgetOldest();
  };
  // Many at once: a map passes over the gaps of all that it has lost to find its first.
  const forgetOldest = () => {
    const left = Math.ceil(0.9 * maxEvents);
    for (const oldest of events.keys()) {
      events.delete(oldest);
      if (events.size <= left) break;
    }
  };
  const known = (key: string, nowMs: number) => {
    const memory = events.get(key);
    return memory !== undefined && memory.forgetAtMs > nowMs ? memory : undefined;
  };
  const change = ({ source, eventId, attempt }: BegunEvent, busyUntilMs?: number) => {
    const key = keyOf(source, eventId);
    const nowMs = clock();
    const memory = known(key, nowMs);
    if (memory?.attempt !== attempt || memory.busyUntilMs === undefined) return false;
    keep(key, { attempt, busyUntilMs, forgetAtMs: nowMs + rememberMs });
    return true;
  };
  return {
    begin: async ({ source, eventId, leaseMs }) => {
      const key = keyOf(source, eventId);
      const nowMs = clock();
      const memory = known(key, nowMs);
      if (memory !== undefined && memory.busyUntilMs === undefined) return { kind: "handled" };
      if (memory?.busyUntilMs !== undefined && memory.busyUntilMs > nowMs) return { kind: "busy" };
      const attempt = (memory?.attempt ?? 0) + 1;
      keep(key, { attempt, busyUntilMs: nowMs + leaseMs, forgetAtMs: nowMs + rememberMs });
      return { kind: "begun", attempt };
    },
    finish: async (begun) => change(begun),
    release: async (begun) => change(begun, 0),
    close: async () => {},
  };
}

/** No source has a space in its name. */
function keyOf(source: string, eventId: string): string {
  return `${source} ${eventId}`;
}
