import { isWellAnswered } from "../core/outcome.ts";
import type { Batch, Settlement } from "../store.ts";
import { createAttempt, type AttemptsOptions } from "./attempts.ts";
import type { Lanes } from "./lanes.ts";
import { createSettler, type SettlerOptions } from "./settler.ts";

export interface SendingOptions
  extends
    AttemptsOptions,
    Pick<SettlerOptions, "store" | "now" | "timers" | "gatherMs" | "report" | "onSettled"> {
  readonly lanes: Lanes;
}

/** Attempts what was taken, decides what comes next, and has it recorded. */
export interface Sending {
  begin(batch: Batch): void;
  /** Gives up what is not recorded yet; after the lease it counts as interrupted. */
  stop(): void;
}

export function createSending({ lanes, onSettled, ...options }: SendingOptions): Sending {
  const { now, report } = options;
  const attempt = createAttempt(options);
  const settler = createSettler({
    ...options,
    inFlight: lanes.inFlight,
    health: lanes.health,
    onKept: lanes.kept,
    onSettled(settlement, settled) {
      lanes.settled(settlement.delivery.endpoint, settlement.delivery.id);
      onSettled(settlement, settled);
    },
  });
  return {
    begin({ id, deliveries }) {
      if (deliveries.length > 0) settler.begin(id, deliveries.length);
      for (const delivery of deliveries) {
        const endpoint = lanes.started(delivery, now());
        const end = (settlement: Settlement) => {
          settler.add(lanes.judged(settlement, endpoint, now()), id);
          lanes.ended(delivery.endpoint, isWellAnswered(settlement.attempt.outcome));
        };
        attempt(delivery, endpoint)
          .then(end)
          // It stays in flight and is taken up as interrupted after the next start; taken again now, it could spin.
          .catch((error: unknown) => report({ kind: "fault", error }));
      }
    },
    stop: settler.stop,
  };
}
