import { nextDelayMs, type Schedule } from "@hooks/retry";

/** What one destination answered; the names are those of `DeliveryResult`. */
export type Answer =
  | { readonly kind: "confirmed" }
  | {
      readonly kind: "retry";
      readonly reason: string;
      readonly retryAfterMs?: number | undefined;
      readonly waitMs?: number | undefined;
    }
  | { readonly kind: "rejected"; readonly reason: string };

/** What becomes of an entry after an attempt. */
export type Verdict =
  | { readonly kind: "done" }
  | { readonly kind: "retry"; readonly delayMs: number; readonly confirmed: readonly string[] }
  | { readonly kind: "dead"; readonly reason: string; readonly confirmed: readonly string[] };

export interface AttemptResult {
  readonly attempt: number;
  /** The destinations that had confirmed before. */
  readonly confirmed: readonly string[];
  /** By name, of those that were tried now. */
  readonly answers: ReadonlyMap<string, Answer>;
  readonly schedule: Schedule;
  readonly random: () => number;
}

/**
 * An entry is done when every destination has confirmed, dead when those that have not never will or the schedule is
 * used up, and tried again otherwise: as the schedule says, or later where a destination asked for that, within the
 * limits of `nextDelayMs` (twice the scheduled wait, 24 hours), or exactly so long as `waitMs` says.
 */
export function decide({ attempt, confirmed, answers, schedule, random }: AttemptResult): Verdict {
  const tried = [...answers];
  const now = [...confirmed, ...tried.filter(([, { kind }]) => kind === "confirmed").map(([name]) => name)];
  const failed = tried.filter(([, { kind }]) => kind !== "confirmed");
  if (failed.length === 0) return { kind: "done" };
  const reason = failed
    .map(([name, answer]) => `${name}: ${"reason" in answer ? answer.reason : ""}`)
    .join("; ");
  if (failed.every(([, { kind }]) => kind === "rejected")) return { kind: "dead", reason, confirmed: now };
  const asked = failed.flatMap(([, answer]) =>
    answer.kind === "retry" && answer.retryAfterMs !== undefined ? [answer.retryAfterMs] : [],
  );
  const retryAfterMs = asked.length === 0 ? undefined : Math.max(...asked);
  const delayMs = nextDelayMs({ schedule, attempts: attempt, random, retryAfterMs });
  if (delayMs === undefined) return { kind: "dead", reason: `attempts used up: ${reason}`, confirmed: now };
  const waits = failed.flatMap(([, answer]) =>
    answer.kind === "retry" && answer.waitMs !== undefined ? [answer.waitMs] : [],
  );
  return { kind: "retry", delayMs: waits.length === 0 ? delayMs : Math.max(...waits), confirmed: now };
}
