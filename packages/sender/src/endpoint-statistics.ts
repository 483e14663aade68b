import type { BreakerState } from "@hooks/retry";
import { HEALTHY, sinceEnabled } from "./core/endpoint-health.ts";
import type { Endpoint } from "./core/model.ts";
import type { Store } from "./store.ts";

/** How an endpoint is doing, as far as is written down: a second ago or less. */
export interface EndpointStatistics {
  readonly health: {
    /** `open`: it is left alone until `retryAtMs`. `probing`: one request shows whether it works. */
    readonly breaker: BreakerState["kind"];
    readonly retryAtMs?: number;
    /** When the first of the failures was that no success has followed. */
    readonly failingSinceMs?: number;
    /** How many attempts have failed since the last success. */
    readonly attemptsSinceSuccess: number;
  };
  /** What it is to be sent, or is held for it. */
  readonly scheduled: Counted;
  readonly dead: Counted;
}

export interface Counted {
  readonly count: number;
  /** False where counting was given up: there may be more. */
  readonly isCounted: boolean;
}

/** Enough to see whether it is a few or many. */
const MOST_COUNTED = 1_000;

export async function statisticsOf(
  { id, enabledAtMs }: Endpoint,
  store: Pick<Store, "endpointStatistics">,
): Promise<EndpointStatistics> {
  const { health = HEALTHY, scheduled, dead } = await store.endpointStatistics(id, MOST_COUNTED);
  const { breaker, failingSinceMs, failures } = sinceEnabled(health, enabledAtMs);
  return {
    health: {
      breaker: breaker.kind,
      ...(breaker.kind === "open" ? { retryAtMs: breaker.untilMs } : {}),
      ...(failingSinceMs === undefined ? {} : { failingSinceMs }),
      attemptsSinceSuccess: failures,
    },
    scheduled: counted(scheduled),
    dead: counted(dead),
  };
}

function counted(count: number): Counted {
  return { count, isCounted: count < MOST_COUNTED };
}
