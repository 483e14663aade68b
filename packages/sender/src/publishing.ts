import { takes } from "./core/subscription.ts";
import type { Endpoint } from "./core/model.ts";
import type { CallOptions } from "./endpoints.ts";
import { SenderError } from "./errors.ts";
import { prepareEvent, type EventInput, type PrepareOptions } from "./publish.ts";
import type { Report } from "./report.ts";
import {
  StoreUnavailableError,
  type AnnounceDeath,
  type NewEvent,
  type PublishRefusal,
  type PublishResult,
  type Store,
  type Transaction,
} from "./store.ts";
import type { Versions } from "./versions.ts";

export interface Published {
  readonly id: string;
  /** How many endpoints it goes to. */
  readonly deliveries: number;
  /** It had been published before; nothing was added. */
  readonly duplicate: boolean;
}

export interface PublishOptions {
  /** Publishes in this transaction of the caller's: what it rolls back was never published. */
  readonly transaction?: Transaction;
}

export interface Publishing {
  publish(event: EventInput, options?: PublishOptions): Promise<Published>;
  publishBatch(
    events: readonly EventInput[],
    options?: CallOptions & PublishOptions,
  ): Promise<readonly Published[]>;
  /** Publishes events in their order, each for itself: what is refused holds up none of the others. */
  publishEach(events: readonly EventInput[]): Promise<readonly PromiseSettledResult<Published>[]>;
  /** Publishes an example to one endpoint. */
  publishExample(endpoint: Endpoint, type?: string): Promise<Published>;
}

export interface PublishingOptions extends Omit<PrepareOptions, "nowMs" | "render"> {
  readonly store: Pick<Store, "publish">;
  readonly versions: Pick<Versions, "render">;
  readonly report: Report;
  /** What is told of a delivery that an event cannot be rendered for. */
  readonly announceDeath?: AnnounceDeath;
  readonly now: () => number;
  readonly digest: (value: unknown) => string;
  readonly wake: (endpoints: readonly string[]) => void;
}

export function createPublishing({
  store,
  versions,
  contracts,
  newId,
  now,
  digest,
  wake,
  report,
  announceDeath,
}: PublishingOptions): Publishing {
  const preparation = async () => {
    const render = await versions.render();
    return (event: EventInput): NewEvent => ({
      ...prepareEvent(event, { contracts, newId, nowMs: now(), render }),
      announceDeath,
    });
  };

  /** All or nothing; tells of what was kept. */
  const publishAll = async (
    events: readonly NewEvent[],
    transaction?: Transaction,
  ): Promise<readonly PublishResult[]> => {
    const results = await store.publish(events, now(), transaction);
    if (!areKept(results)) return results;
    // Whether the caller's transaction commits, nobody knows yet; the store tells of it then.
    if (transaction === undefined)
      wake(results.flatMap((result) => (result.kind === "published" ? result.endpoints : [])));
    for (const [index, result] of results.entries())
      for (const one of result.kind === "published" ? result.unrendered : [])
        report({ kind: "unrendered", event: result.id, eventType: events[index]?.type ?? "", ...one });
    return results;
  };
  const keep = async (
    events: readonly NewEvent[],
    transaction: Transaction | undefined,
    read: (result: PublishResult, index: number) => Published,
  ): Promise<readonly Published[]> => (await publishAll(events, transaction)).map(read);
  const keepOne = async (event: NewEvent, transaction?: Transaction): Promise<Published> => {
    const [published] = await keep([event], transaction, publishedOf);
    if (published === undefined) throw new Error("The store answered a publish with no result");
    return published;
  };

  return {
    publish: async (event, { transaction } = {}) => keepOne((await preparation())(event), transaction),
    async publishBatch(events, { idempotencyKey, transaction } = {}) {
      const prepare = await preparation();
      const prepared = events.map((event, index) => atIndex(index, () => prepare(event)));
      return keep(
        idempotencyKey === undefined ? prepared : asOne(prepared, { events, idempotencyKey, digest }),
        transaction,
        (result, index) => atIndex(index, () => publishedOf(result)),
      );
    },
    publishEach: async (events) => keepEach(events, { prepare: await preparation(), publish: publishAll }),
    async publishExample(endpoint, type) {
      const types = Object.keys(contracts.eventTypes);
      const wanted = type ?? types.find((known) => takes(endpoint.eventTypes, known));
      const [data] = contracts.eventTypes[wanted ?? ""]?.examples ?? [];
      if (wanted === undefined || data === undefined) {
        const message = "There is no contract for that event type";
        throw new SenderError("unknown_event_type", message, {
          issues: [{ pointer: "/type", code: "unknown_event_type", message }],
        });
      }
      const prepare = await preparation();
      return keepOne({ ...prepare({ type: wanted, data }), endpoint: endpoint.id });
    },
  };
}

interface OneBatch {
  readonly events: readonly EventInput[];
  readonly idempotencyKey: string;
  readonly digest: (value: unknown) => string;
}

/** A batch under one key: each of its events is repeated only together with all the others. */
function asOne(
  prepared: readonly NewEvent[],
  { events, idempotencyKey, digest }: OneBatch,
): readonly NewEvent[] {
  const whole = digest(prepared.map((event, index) => [events[index]?.id, event.digest]));
  return prepared.map((event, index) => ({
    ...event,
    idempotency: { key: `batch ${index} ${idempotencyKey}`, digest: whole },
  }));
}

interface KeepEachOptions {
  readonly prepare: (event: EventInput) => NewEvent;
  /** All or nothing. */
  readonly publish: (events: readonly NewEvent[]) => Promise<readonly PublishResult[]>;
}

/**
 * Publishes in one call, so that events are kept in their order: calls that are under way together are kept in any. What is
 * refused is left out then, and the rest is tried again.
 */
async function keepEach(
  inputs: readonly EventInput[],
  { prepare, publish }: KeepEachOptions,
): Promise<readonly PromiseSettledResult<Published>[]> {
  const outcomes: PromiseSettledResult<Published>[] = [];
  const prepared = inputs.flatMap((input, index) => {
    const one = settledBy(() => ({ index, event: prepare(input) }));
    if (one.status === "fulfilled") return [one.value];
    outcomes[index] = one;
    return [];
  });
  const keepAll = async (some: typeof prepared): Promise<void> => {
    if (some.length === 0) return;
    try {
      const results = await publish(some.map(({ event }) => event));
      const isOver = areKept(results);
      const left = some.filter(({ index }, at) => {
        const result = results[at];
        if (result === undefined) throw new Error("The store answered a publish with no result");
        if (!isOver && result.kind === "published") return true;
        outcomes[index] = settledBy(() => publishedOf(result));
        return false;
      });
      await keepAll(left);
    } catch (reason) {
      // Somebody may hold up one of their subjects: the others need not wait for it. Else one of them may be at fault.
      const isAway = reason instanceof StoreUnavailableError;
      const groups = isAway ? bySubject(some) : some.map((one) => [one]);
      if (groups.length < 2) for (const { index } of some) outcomes[index] = { status: "rejected", reason };
      else if (isAway) await Promise.all(groups.map(keepAll));
      else for (const group of groups) await keepAll(group);
    }
  };
  await keepAll(prepared);
  return outcomes;
}

function bySubject<T extends { readonly event: NewEvent }>(some: readonly T[]): readonly T[][] {
  // Neither name has control characters.
  return [...Map.groupBy(some, ({ event: { source, subject = "" } }) => `${source}\n${subject}`).values()];
}

function areKept(results: readonly PublishResult[]): boolean {
  return results.every(({ kind }) => kind === "published");
}

function settledBy<T>(work: () => T): PromiseSettledResult<T> {
  try {
    return { status: "fulfilled", value: work() };
  } catch (reason) {
    return { status: "rejected", reason };
  }
}

function publishedOf(result: PublishResult): Published {
  if (result.kind === "published") {
    return { id: result.id, deliveries: result.deliveries, duplicate: result.duplicate };
  }
  const [pointer, message] = REFUSALS[result.kind];
  throw new SenderError(result.kind, message, { issues: [{ pointer, code: result.kind, message }] });
}

const REFUSALS: Readonly<Record<PublishRefusal, readonly [pointer: string, message: string]>> = {
  event_id_conflict: ["/id", "The id belongs to an event with other content"],
  idempotency_conflict: ["/idempotencyKey", "The idempotency key was used for another event"],
  subscriber_not_found: ["/subscriber", "There is no such subscriber"],
};

/** Faults of a batch are found at their place in it. */
function atIndex<T>(index: number, prepare: () => T): T {
  try {
    return prepare();
  } catch (error) {
    if (!(error instanceof SenderError)) throw error;
    const issues = error.issues.map((issue) => ({ ...issue, pointer: `/${index}${issue.pointer}` }));
    throw new SenderError(error.code, `Event ${index}: ${error.message}`, { issues });
  }
}
