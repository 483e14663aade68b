import { isWellAnswered } from "../core/outcome.ts";
import type { Endpoint } from "../core/model.ts";
import type { Batch, Settlement, TakenDelivery } from "../store.ts";
import { createAttempt, type AttemptsOptions } from "./attempts.ts";
import type { Lanes } from "./lanes.ts";
import { createSettler, type Settler, type SettlerOptions } from "./settler.ts";

export interface SendingOptions
  extends AttemptsOptions, Pick<SettlerOptions, "store" | "now" | "timers" | "gatherMs" | "onSettled"> {
  readonly lanes: Lanes;
}

/** Attempts what was taken, decides what comes next, and has it recorded. */
export interface Sending extends Pick<Settler, "batches"> {
  begin(batch: Batch): void;
  /** Gives up what is not recorded yet; after the lease it counts as interrupted. */
  stop(): void;
}

/** How long a delivery keeps its place of which not even a failure can be recorded. Sent again at once, it could spin. */
const RELEASE_MS = 10 * 60 * 1_000;

export function createSending({ lanes, onSettled, ...options }: SendingOptions): Sending {
  const { now, report, timers } = options;
  const attempt = createAttempt(options);
  const releases = new Set<() => void>();
  const release = ({ endpoint, id }: TakenDelivery, batch: number): void => {
    const cancel = timers.after(RELEASE_MS, () => {
      releases.delete(cancel);
      settler.giveUp(batch);
      lanes.settled(endpoint, id);
    });
    releases.add(cancel);
  };
  const settler = createSettler({
    ...options,
    inFlight: lanes.inFlight,
    health: lanes.health,
    onKept: lanes.kept,
    onSettled(settlement, settled) {
      lanes.settled(settlement.delivery.endpoint, settlement.delivery.id);
      onSettled(settlement, settled);
    },
    onUnwritable: ({ delivery }, batch) => release(delivery, batch),
  });
  const judged = (settlement: Settlement, endpoint: Endpoint): Settlement => {
    try {
      return lanes.judged(settlement, endpoint, now());
    } catch (error) {
      report({ kind: "fault", error });
      return settlement;
    }
  };
  const started = (delivery: TakenDelivery, batch: number): Endpoint | undefined => {
    try {
      return lanes.started(delivery, now());
    } catch (error) {
      report({ kind: "fault", error });
      settler.giveUp(batch);
      return undefined;
    }
  };
  const send = async (delivery: TakenDelivery, batch: number): Promise<void> => {
    const endpoint = started(delivery, batch);
    if (endpoint === undefined) return;
    let succeeded = false;
    try {
      const settlement = await attempt(delivery, endpoint);
      succeeded = isWellAnswered(settlement.attempt.outcome);
      settler.add(judged(settlement, endpoint), batch);
    } catch (error) {
      report({ kind: "fault", error });
      release(delivery, batch);
    } finally {
      lanes.ended(delivery, succeeded, now());
    }
  };
  return {
    begin({ id, deliveries }) {
      if (deliveries.length > 0) settler.begin(id, deliveries.length);
      for (const delivery of deliveries) void send(delivery, id);
    },
    batches: settler.batches,
    stop() {
      settler.stop();
      for (const cancel of releases) cancel();
    },
  };
}
