import { bodyOf } from "../../render/envelope.ts";
import type { Batch, NewEvent, PublishResult, TakeFrom, TakenDelivery, Taker } from "../../store.ts";
import type { Along, Offers } from "./handover.ts";

/** What a taker offers for a call that is sent to the thread. */
export interface OpenOffers {
  readonly offers: Offers;
  /** Tells the taker what was taken; leaves of the results what it was not told of. */
  finish(along: Along | undefined, results: readonly PublishResult[]): readonly PublishResult[];
  /** Nothing was kept. */
  withdraw(): void;
  /** Tells the taker that nobody knows what has become of them. */
  giveUp(): void;
}

export interface HandingOver {
  /** Undefined where there is nothing to offer. */
  open(events: readonly NewEvent[], nowMs: number): OpenOffers | undefined;
  /** Remembers who gets events like these. */
  learn(events: readonly NewEvent[], results: readonly PublishResult[]): void;
}

/** So many audiences are remembered; then it begins anew. */
const MOST_AUDIENCES = 10_000;
/** What is published for more endpoints than this is not handed over: that is work for a batch. */
const MOST_ENDPOINTS = 32;

/**
 * The endpoints of an event are known in the thread only. So the worker offers those that the last event of the same type
 * and subscriber went to, and what another one gets waits to be taken.
 */
export function createHandingOver(takerNow: () => Taker | undefined): HandingOver {
  const audiences = new Map<string, readonly string[]>();
  const expected = (events: readonly NewEvent[]): ReadonlySet<string> => {
    const endpoints = new Set<string>();
    for (const event of events)
      for (const endpoint of audiences.get(nameOf(event)) ?? []) endpoints.add(endpoint);
    return endpoints;
  };
  return {
    open(events, nowMs) {
      const taker = takerNow();
      const endpoints = taker === undefined ? new Set<string>() : expected(events);
      if (taker === undefined || endpoints.size > MOST_ENDPOINTS) return undefined;
      const asked = [...endpoints].flatMap((endpoint) => taker.offer(endpoint) ?? []);
      return asked.length === 0 ? undefined : openOffers(taker, asked, { events, nowMs });
    },
    learn(events, results) {
      if (takerNow() === undefined) return;
      for (const [index, event] of events.entries()) {
        const result = results[index];
        if (result?.kind !== "published" || result.duplicate) continue;
        if (audiences.size >= MOST_AUDIENCES) audiences.clear();
        audiences.set(nameOf(event), result.endpoints.slice(0, MOST_ENDPOINTS + 1));
      }
    },
  };
}

interface Call {
  readonly events: readonly NewEvent[];
  readonly nowMs: number;
}

function openOffers({ worker, taken }: Taker, asked: readonly TakeFrom[], call: Call): OpenOffers {
  const of = asked.map(({ endpoint, shard, epoch, room, knownRevision }) => ({
    endpoint,
    shard,
    epoch,
    room,
    knownRevision,
  }));
  return {
    offers: { worker, of },
    finish(along, results) {
      taken(asked, along === undefined ? NOTHING : batchOf(along, asked, call));
      return along === undefined ? results : untaken(results, along);
    },
    withdraw: () => taken(asked, NOTHING),
    giveUp: () => taken(asked),
  };
}

const NOTHING: Batch = { id: 0, deliveries: [], endpoints: [], more: [] };

function batchOf({ batch, deliveries }: Along, asked: readonly TakeFrom[], { events, nowMs }: Call): Batch {
  const ofEvents = new Map(events.map((event) => [event.id, event]));
  const ofEndpoints = new Map(asked.map((from) => [from.endpoint, from]));
  return {
    ...NOTHING,
    id: batch,
    deliveries: deliveries.flatMap(({ id, event: name, endpoint, subscriber, sequence }): TakenDelivery[] => {
      const event = ofEvents.get(name);
      const from = ofEndpoints.get(endpoint);
      // The thread names what it was sent.
      if (event === undefined || from === undefined) return [];
      const { type, version, envelope } = event;
      return [
        {
          id,
          shard: from.shard,
          epoch: from.epoch,
          endpoint,
          subscriber,
          event: { id: name, type, version, body: bodyOf(envelope, sequence) },
          dueMs: nowMs,
          attempts: 0,
          scheduleStep: 0,
          createdAtMs: nowMs,
        },
      ];
    }),
  };
}

function untaken(results: readonly PublishResult[], { deliveries }: Along): readonly PublishResult[] {
  const taken = new Set(deliveries.map(({ event, endpoint }) => `${event} ${endpoint}`));
  return results.map((result) =>
    result.kind === "published"
      ? {
          ...result,
          endpoints: result.endpoints.filter((endpoint) => !taken.has(`${result.id} ${endpoint}`)),
        }
      : result,
  );
}

function nameOf({ type, subscriber, endpoint }: NewEvent): string {
  return JSON.stringify([type, subscriber, endpoint]);
}
