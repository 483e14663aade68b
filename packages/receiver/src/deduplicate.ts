import type { Dedupe } from "./dedupe.ts";
import { describeError } from "./describe-error.ts";
import type { Destination } from "./destination.ts";

export interface DeduplicateOptions {
  readonly dedupe: Dedupe;
  /** For so long an event that was begun and not ended is not given out again. */
  readonly leaseMs: number;
}

/** Keeps what a destination has confirmed from being delivered to it again, also under another entry of the same event. */
export function deduplicate(destination: Destination, { dedupe, leaseMs }: DeduplicateOptions): Destination {
  return {
    ...destination,
    deliver: async (entry) => {
      const { source, eventId } = entry;
      try {
        const begun = await dedupe.begin({ source, eventId, leaseMs });
        if (begun.kind === "handled") return { kind: "confirmed" };
        if (begun.kind === "busy")
          return { kind: "retry", reason: "it is being handled elsewhere", waitMs: leaseMs };
        const result = await destination.deliver(entry);
        const event = { source, eventId, attempt: begun.attempt };
        // Its effect is there: that it cannot be written down must not bring it about once more at once.
        await dedupe[result.kind === "confirmed" ? "finish" : "release"](event).catch(() => {});
        return result;
      } catch (error) {
        return { kind: "retry", reason: `dedupe: ${describeError(error)}` };
      }
    },
  };
}
