import { breaker, type BreakerState } from "@hooks/retry";
import type { AttemptOutcome } from "./model.ts";
import { isWellAnswered } from "./outcome.ts";

/** What is remembered of an endpoint that has failed lately: plain JSON of bounded size. */
export interface EndpointHealth {
  readonly breaker: BreakerState;
  /** When the first of the failures was that no success has followed; absent where the last attempt succeeded. */
  readonly failingSinceMs?: number;
  /** How many failures that were. */
  readonly failures: number;
  /** Of the last attempt that counted. */
  readonly changedAtMs: number;
  /** The revision of the endpoint that this is known of. */
  readonly revision: number;
  /** It was tried less or disabled, and has not worked since. */
  readonly isFailing: boolean;
}

/** Nothing is known against it. */
export const HEALTHY: EndpointHealth = {
  breaker: breaker.initial,
  failures: 0,
  changedAtMs: 0,
  revision: 0,
  isFailing: false,
};

/** An endpoint that only fails is disabled after so long, and no sooner than after so many attempts. */
export const DISABLE_AFTER_MS = 5 * 24 * 60 * 60 * 1_000;
export const DISABLE_AFTER_ATTEMPTS = 20;

/** Whether there is nothing to be remembered for whoever serves the endpoint next. */
export function isHealthy({ breaker: { kind }, failures, isFailing }: EndpointHealth): boolean {
  return kind === "closed" && failures === 0 && !isFailing;
}

/** Attempts that say nothing about the endpoint: nothing was sent, or its end is not known, or the fault was ours. */
const SILENT: ReadonlySet<AttemptOutcome> = new Set([
  "secret_unavailable",
  "payload_unavailable",
  "interrupted",
  "internal_error",
]);

export interface Ended {
  readonly outcome: AttemptOutcome;
  /** Of the endpoint, as the attempt knew it. */
  readonly revision: number;
  readonly nowMs: number;
}

/** The health of an endpoint after one more attempt came to its end. */
export function afterOutcome(health: EndpointHealth, { outcome, revision, nowMs }: Ended): EndpointHealth {
  if (SILENT.has(outcome)) return health;
  const isSuccess = isWellAnswered(outcome);
  const known = {
    breaker: breaker.record(health.breaker, isSuccess, nowMs),
    changedAtMs: nowMs,
    revision: Math.max(health.revision, revision),
  };
  const isClosed = known.breaker.kind === "closed";
  if (isSuccess) return { ...known, failures: 0, isFailing: !isClosed };
  const after = { ...known, failingSinceMs: health.failingSinceMs ?? nowMs, failures: health.failures + 1 };
  const isFailing = health.isFailing || !isClosed || outcome === "gone" || isHopeless(after, nowMs);
  return { ...after, isFailing };
}

/** Whether nothing but failures came for so long that nobody should go on. */
export function isHopeless(
  { failingSinceMs, failures }: Pick<EndpointHealth, "failingSinceMs" | "failures">,
  nowMs: number,
): boolean {
  return (
    failingSinceMs !== undefined &&
    nowMs - failingSinceMs >= DISABLE_AFTER_MS &&
    failures >= DISABLE_AFTER_ATTEMPTS
  );
}

/** What is known of an endpoint from before it was enabled by hand does not count any more. */
export function sinceEnabled(health: EndpointHealth, enabledAtMs: number | undefined): EndpointHealth {
  if (enabledAtMs === undefined || health.changedAtMs > enabledAtMs) return health;
  return { ...HEALTHY, isFailing: health.isFailing };
}

/** Whether a request may go: any, one as a probe, or none before a time. */
export type Admittance =
  | { readonly kind: "any" }
  | { readonly kind: "probe" }
  | { readonly kind: "none"; readonly untilMs: number };

export function admittanceOf({ breaker: state }: EndpointHealth, nowMs: number): Admittance {
  const admission = breaker.admit(state, nowMs);
  if (!admission.admitted) return { kind: "none", untilMs: admission.retryAtMs };
  return admission.probe ? { kind: "probe" } : { kind: "any" };
}

/** The health while a probe is under way, also one before its time. */
export function whileProbing(health: EndpointHealth, nowMs: number): EndpointHealth {
  const { breaker: state } = health;
  const timeMs = state.kind === "closed" ? nowMs : Math.max(nowMs, state.untilMs);
  return { ...health, breaker: breaker.admit(state, timeMs).state };
}
