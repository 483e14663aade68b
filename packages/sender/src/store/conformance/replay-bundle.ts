import type { Endpoint, NextStep } from "../../core/model.ts";
import type { Replay, ReplayFilter } from "../../core/replay.ts";
import type { ReplayStep } from "../../store.ts";
import { type Bundle, T0 } from "./bundle.ts";

export const DELIVERED = { state: "delivered" } as const;
export const DEAD = { state: "dead", reason: "schedule_exhausted" } as const;

/** What the tests of replays have in common. */
export function createReplayBundle(bundle: Bundle) {
  let count = 0;
  /** A running replay of what died at the endpoint. */
  const replayOf = (
    { id: endpoint, subscriber }: Endpoint,
    filter: Partial<ReplayFilter> = {},
    change: Partial<Replay> = {},
  ): Replay => ({
    id: `rpl_${(count += 1)}`,
    filter: { subscriber, endpoint, eventTypes: [], states: ["dead"], toMs: T0 + 1_000_000, ...filter },
    state: "running",
    selected: 0,
    isCounted: true,
    replayed: 0,
    skipped: 0,
    createdAtMs: T0 + 10,
    ...change,
  });
  const add = async (...args: Parameters<typeof replayOf>): Promise<string> => {
    const replay = replayOf(...args);
    await bundle.store.addReplay(replay);
    return replay.id;
  };
  const advance = (id: string, step: Partial<ReplayStep> = {}) =>
    bundle.store.advanceReplay({ id, nowMs: T0 + 10, limit: 100, render: () => undefined, ...step });
  /** Goes on until there is nothing to do now. Gives how many steps that took. */
  const run = async (id: string, step: Partial<ReplayStep> = {}): Promise<number> => {
    const { nowMs = T0 + 10 } = step;
    for (let steps = 1; ; steps += 1) {
      const { nextMs } = await advance(id, step);
      if (nextMs === undefined || nextMs > nowMs) return steps;
    }
  };
  /** Publishes to whoever takes it, and ends all deliveries that this gives. */
  const send = async (ids: readonly string[], next: NextStep, change: { readonly type?: string } = {}) => {
    await bundle.store.publish(
      ids.map((id) => bundle.eventOf({ id, ...change })),
      T0,
    );
    const { owned } = await bundle.lease("w1");
    for (;;) {
      const { deliveries } = await bundle.take("w1", owned, { room: 1_000 });
      if (deliveries.length === 0) return;
      await bundle.settle(deliveries, next);
    }
  };
  /** The events that an endpoint is to be sent now. */
  const scheduled = async ({ id: endpoint }: Endpoint): Promise<readonly string[]> => {
    const found = await bundle.store.listDeliveries({ limit: 1_000, endpoint, state: "scheduled" });
    return found.map(({ event }) => event).toSorted();
  };
  return { replayOf, add, advance, run, send, scheduled };
}

export function names(count: number, prefix = "e"): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(4, "0")}`);
}
