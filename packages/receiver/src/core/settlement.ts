import { nextDelayMs, type Schedule } from "@hooks/retry";

/** What a destination answered; the names are those of `DeliveryResult`. */
export type Answer =
  | { readonly kind: "confirmed" }
  | {
      readonly kind: "retry";
      readonly reason: string;
      readonly retryAfterMs?: number | undefined;
      readonly waitMs?: number | undefined;
      readonly overloaded?: boolean | undefined;
    }
  | { readonly kind: "rejected"; readonly reason: string };

/** What becomes of an entry, for one destination, after an attempt. `reason`: what stood in the way. */
export type Verdict =
  | { readonly kind: "done"; readonly reason?: undefined }
  | { readonly kind: "retry"; readonly delayMs: number; readonly reason: string }
  | { readonly kind: "dead"; readonly reason: string };

export interface AttemptResult {
  readonly attempt: number;
  readonly answer: Answer;
  readonly schedule: Schedule;
  readonly random: () => number;
}

/** The least wait for a destination that has too much to do already: it would be asked again within its trouble. */
const overloadedMs = 60_000;

/**
 * An entry is done when the destination has confirmed it, dead when it never will or the schedule is used up, and tried
 * again otherwise: as the schedule says, or later where the destination asked for that, within the limits of
 * `nextDelayMs` (twice the scheduled wait, 24 hours), after a minute at least where it is overloaded, or after exactly
 * `waitMs`.
 */
export function decide({ attempt, answer, schedule, random }: AttemptResult): Verdict {
  switch (answer.kind) {
    case "confirmed":
      return { kind: "done" };
    case "rejected":
      return { kind: "dead", reason: answer.reason };
    case "retry": {
      const { reason, retryAfterMs, waitMs, overloaded = false } = answer;
      const floorMs = overloaded ? overloadedMs : 0;
      const delayMs = nextDelayMs({ schedule, attempts: attempt, random, retryAfterMs, floorMs });
      if (delayMs === undefined) return { kind: "dead", reason: `attempts used up: ${reason}` };
      return { kind: "retry", delayMs: waitMs ?? delayMs, reason };
    }
  }
}
