import type { AttemptOutcome, Endpoint, NextStep } from "../../core/model.ts";
import type { Preferences } from "../../core/preferences.ts";
import { shardOf } from "../../core/sharding.ts";
import type {
  SettlementAnnouncement,
  Batch,
  HealthChange,
  NewEvent,
  OwnedShard,
  Settlement,
  Store,
  TakenDelivery,
} from "../../store.ts";

/** When every test begins, in milliseconds: before now, by any clock. Time is an argument. */
export const T0 = 1_700_000_000_000;
export const LEASE_MS = 10_000;
/** Longer than any test takes. */
const STANDSTILL_MS = 10 * 60_000;

/** As what a sender gives a store, it knows who gets the event as it was published. */
function knowingOwn(render: NewEvent["render"]): NewEvent["render"] {
  const isOwn = (preferences: Preferences) => render(preferences).kind === "own";
  return render.isOwn === undefined ? Object.assign(render.bind(undefined), { isOwn }) : render;
}

/** What the tests of a store have in common: the store of the present test, and ways to work with it in a line. */
export type Bundle = ReturnType<typeof createBundle>;

export function createBundle(current: () => Store) {
  let count = 0;
  const eventOf = (change: Partial<NewEvent> = {}): NewEvent => {
    count += 1;
    const id = change.id ?? `evt_${count}`;
    return {
      id,
      type: "invoice.paid",
      version: "1.0.0",
      source: "billing",
      digest: `digest of ${id}`,
      envelope: { before: `{"id":"${id}"`, after: "}" },
      ...change,
      render: knowingOwn(change.render ?? (() => ({ kind: "own" }))),
    };
  };

  const addEndpoint = async (change: Partial<Endpoint> = {}): Promise<Endpoint> => {
    count += 1;
    const number = count;
    const subscriber = change.subscriber ?? `sub_${number}`;
    if ((await current().getSubscriber(subscriber)) === undefined) {
      await current().addSubscriber({ id: subscriber, name: subscriber, createdAtMs: T0 });
    }
    const endpoint: Endpoint = {
      id: `ep_${number}`,
      subscriber,
      url: "https://example.com/hooks",
      description: "",
      eventTypes: [],
      headers: {},
      versions: {},
      featureFlags: [],
      ordering: "none",
      secrets: [{ value: "whsec_x", createdAtMs: T0 }],
      state: "active",
      revision: 1,
      createdAtMs: T0,
      updatedAtMs: T0,
      ...change,
    };
    await current().addEndpoint(endpoint);
    return endpoint;
  };

  /** A host of its own, so that no store takes the worker for a dead process of this machine. */
  const leaseFor = (id: string, nowMs: number, leaseMs: number) =>
    current().lease({ worker: { id, host: "elsewhere", pid: 1 }, nowMs, leaseMs, maxInterruptions: 3 });

  /** Ends a worker's lease, as time would. */
  const lapse = async (id: string) => void (await leaseFor(id, T0, 0));

  const leasedMs = new Map<string, number>();
  /** Leases last by the time that is given here; that of the store stands still meanwhile. */
  const lease = async (id: string, nowMs = T0) => {
    for (const [other, sinceMs] of leasedMs)
      if (other !== id && sinceMs + LEASE_MS <= nowMs && leasedMs.delete(other)) await lapse(other);
    leasedMs.set(id, nowMs);
    return leaseFor(id, nowMs, STANDSTILL_MS);
  };

  const take = async (
    worker: string,
    owned: readonly OwnedShard[],
    options: TakeOptions = {},
  ): Promise<Batch> => {
    const { nowMs = T0, room = 10, inFlight = new Set<string>() } = options;
    const endpoints =
      options.endpoints ?? (await current().due({ shards: owned, nowMs })).endpoints.map(({ id }) => id);
    const from = endpoints.flatMap((endpoint) =>
      owned
        .filter(({ shard }) => shard === shardOf(endpoint))
        .map((shard) => ({ ...shard, endpoint, room, inFlight })),
    );
    return current().take({ worker, nowMs, from });
  };

  const settle = (deliveries: readonly TakenDelivery[], next: NextStep, options: SettleOptions = {}) => {
    const { nowMs = T0, batch, outcome = next.state === "delivered" ? "delivered" : "http_status" } = options;
    const settlements = deliveries.map((delivery): Settlement => ({
      delivery,
      attempt: {
        delivery: delivery.id,
        number: delivery.attempts + 1,
        startedAtMs: nowMs,
        durationMs: 5,
        outcome,
        status: 200,
      },
      next,
      ...(options.disableEndpoint === undefined ? {} : { disableEndpoint: options.disableEndpoint }),
      ...(options.announcements === undefined ? {} : { announcements: options.announcements }),
    }));
    const finishedBatches = batch === undefined ? [] : [batch];
    return current().settle({ settlements, health: options.health ?? [], finishedBatches, nowMs });
  };

  const scheduledOne = async () => {
    await addEndpoint();
    await current().publish([eventOf()], T0);
    const [delivery] = await current().listDeliveries({ limit: 1 });
    return delivery!;
  };

  return {
    get store() {
      return current();
    },
    eventOf,
    addEndpoint,
    lease,
    lapse,
    take,
    settle,
    scheduledOne,
  };
}

export interface TakeOptions {
  readonly nowMs?: number;
  readonly room?: number;
  readonly inFlight?: ReadonlySet<string>;
  readonly endpoints?: readonly string[];
}

export interface SettleOptions {
  readonly nowMs?: number;
  readonly batch?: number;
  readonly outcome?: AttemptOutcome;
  readonly disableEndpoint?: string;
  readonly health?: readonly HealthChange[];
  readonly announcements?: readonly SettlementAnnouncement[];
}
