/** When a breaker opens and for how long. The defaults are Hooks' own. */
export interface BreakerOptions {
  /** Fewer requests than this in the window say nothing; default 10. */
  readonly minRequests?: number | undefined;
  /** The share of failures, above 0 up to 1, that opens it; default 0.5. */
  readonly failureRatio?: number | undefined;
  /** How far back requests count; default 60,000. */
  readonly windowMs?: number | undefined;
  /** How long it stays open the first time; doubled each time the probe fails; default 30,000. */
  readonly openMs?: number | undefined;
  /** The longest it stays open; default 600,000. */
  readonly maxOpenMs?: number | undefined;
  /** After this long a probe that nobody recorded counts as lost, and another is let through; default 60,000. */
  readonly probeMs?: number | undefined;
}

/** Requests of one slice of the window. */
export interface BreakerSlice {
  readonly index: number;
  readonly requests: number;
  readonly failures: number;
}

/**
 * The state of a breaker: plain JSON of bounded size (at most 12 slices).
 * closed → open (too many failures) → probing (one request let through) → closed or open again, for twice as long.
 */
export type BreakerState =
  | { readonly kind: "closed"; readonly slices: readonly BreakerSlice[] }
  | { readonly kind: "open"; readonly untilMs: number; readonly openMs: number }
  | { readonly kind: "probing"; readonly untilMs: number; readonly openMs: number };

/** Whether a request may go; when not, `retryAtMs` is when to ask again. Keep `state`: a probe is let through once. */
export type Admission =
  | { readonly admitted: true; readonly probe: boolean; readonly state: BreakerState }
  | { readonly admitted: false; readonly retryAtMs: number; readonly state: BreakerState };

/** A circuit breaker as a pure state machine: the caller keeps the state and brings the clock (Unix milliseconds). */
export interface Breaker {
  /** Closed, with nothing recorded. */
  readonly initial: BreakerState;
  /** Whether a request may go now. */
  admit(state: BreakerState, nowMs: number): Admission;
  /**
   * The state after a request came to an end. While probing, the next result decides, whoever's it is. Results that
   * come in while it is open (of requests sent before) change nothing.
   */
  record(state: BreakerState, ok: boolean, nowMs: number): BreakerState;
}

type Limits = { readonly [K in keyof BreakerOptions]-?: number };

const defaults: Limits = {
  minRequests: 10,
  failureRatio: 0.5,
  windowMs: 60_000,
  openMs: 30_000,
  maxOpenMs: 600_000,
  probeMs: 60_000,
};
const slicesPerWindow = 12;
const initial: BreakerState = { kind: "closed", slices: [] };

/**
 * Makes a breaker with other limits than the default ones.
 *
 * @throws RangeError for a limit that is not above 0, or a ratio above 1.
 */
export function createBreaker(options: BreakerOptions = {}): Breaker {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const limits: Limits = { ...defaults, ...Object.fromEntries(given) };
  if (!Object.values(limits).every((limit) => limit > 0) || limits.failureRatio > 1) {
    throw new RangeError("Expected every limit above 0 and failureRatio at most 1.");
  }
  return {
    initial,
    admit: (state, nowMs) => admit(limits, state, nowMs),
    record: (state, ok, nowMs) => {
      if (state.kind === "open") return state;
      if (state.kind === "closed") return count(limits, state.slices, { ok, nowMs });
      return ok ? initial : open(limits, state.openMs * 2, nowMs);
    },
  };
}

/** The breaker with the default limits: 10 requests, half of them failed, in 60 s; open for 30 s up to 10 min. */
export const breaker: Breaker = createBreaker();

function admit({ maxOpenMs, probeMs }: Limits, state: BreakerState, nowMs: number): Admission {
  if (state.kind === "closed") return { admitted: true, probe: false, state };
  // An end further away than any wait can be means that the clock was set back.
  const isOver = nowMs >= state.untilMs || state.untilMs - nowMs > Math.max(maxOpenMs, probeMs);
  if (!isOver) return { admitted: false, retryAtMs: state.untilMs, state };
  const probing: BreakerState = { kind: "probing", untilMs: nowMs + probeMs, openMs: state.openMs };
  return { admitted: true, probe: true, state: probing };
}

function open({ maxOpenMs }: Limits, wantedMs: number, nowMs: number): BreakerState {
  const openMs = Math.min(wantedMs, maxOpenMs);
  return { kind: "open", untilMs: nowMs + openMs, openMs };
}

function count(
  limits: Limits,
  before: readonly BreakerSlice[],
  { ok, nowMs }: { readonly ok: boolean; readonly nowMs: number },
): BreakerState {
  const index = Math.floor((nowMs * slicesPerWindow) / limits.windowMs);
  const isRecent = (slice: BreakerSlice) => slice.index > index - slicesPerWindow && slice.index < index;
  const current = before.find((slice) => slice.index === index);
  const slices = [
    ...before.filter(isRecent),
    {
      index,
      requests: (current?.requests ?? 0) + 1,
      failures: (current?.failures ?? 0) + (ok ? 0 : 1),
    },
  ];
  const requests = sum(slices.map((slice) => slice.requests));
  const failures = sum(slices.map((slice) => slice.failures));
  const isTripped = requests >= limits.minRequests && failures >= requests * limits.failureRatio;
  return isTripped ? open(limits, limits.openMs, nowMs) : { kind: "closed", slices };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
