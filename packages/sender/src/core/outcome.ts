import type { AttemptOutcome } from "./model.ts";

/** What a transport reports of one attempt. */
export interface AttemptResult {
  readonly outcome: AttemptOutcome;
  readonly durationMs: number;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** From the answer's `Retry-After`. */
  readonly retryAfterMs?: number;
  /** The beginning of the answer's body, as text. */
  readonly response?: string;
}

/** Answers of an endpoint that is overloaded or away: trying again soon makes it worse. */
const PATIENT_STATUSES = new Set([429, 502, 503, 504]);
const PATIENCE_MS = 60_000;

/** The least wait before the next attempt, in milliseconds. */
export function floorMsOf({ outcome, status }: AttemptResult): number {
  if (outcome === "timeout") return PATIENCE_MS;
  return status !== undefined && PATIENT_STATUSES.has(status) ? PATIENCE_MS : 0;
}

/**
 * 2xx delivers, 410 says that nobody is there any more, everything else (3xx included) is to be tried again, unless the
 * answer's `webhook-retry` is `no`.
 */
export function outcomeOfStatus(status: number, webhookRetry?: string): AttemptOutcome {
  if (status >= 200 && status < 300) return "delivered";
  if (status === 410) return "gone";
  return webhookRetry?.trim().toLowerCase() === "no" ? "refused" : "http_status";
}

/** Whether the endpoint works: it took the event, or said that it never will. */
export function isWellAnswered(outcome: AttemptOutcome): boolean {
  return outcome === "delivered" || outcome === "refused";
}
