import { bodyOf } from "../../render/envelope.ts";
import type { Batch, NewEvent, PublishResult, TakeFrom, TakenDelivery, Taker } from "../../store.ts";
import { newlyTaken, NOTHING_TAKEN } from "../serving.ts";
import type { Along, Offers } from "./taking-along.ts";

/** What a taker would take of a call that is published in the thread, until it is told what was taken. */
export interface OpenOffers {
  /** What is sent to the thread. */
  readonly offers: Offers;
  /** Tells the taker what was taken; leaves of the results what it was not told of. */
  finish(along: Along | undefined, results: readonly PublishResult[]): readonly PublishResult[];
  /** Tells the taker that nothing was kept. */
  withdraw(): void;
  /** Tells the taker that nobody knows what was taken. */
  giveUp(): void;
}

export interface OpenOffersOptions {
  /** Those that the taker is asked about, and how many deliveries each is likely to get. */
  readonly endpoints: ReadonlyMap<string, number>;
  readonly events: readonly NewEvent[];
  readonly nowMs: number;
}

/** Asks the taker which of the endpoints it would serve. Undefined for none. */
export function openOffers(
  { worker, offer, taken }: Taker,
  { endpoints, ...call }: OpenOffersOptions,
): OpenOffers | undefined {
  const asked = [...endpoints].flatMap(([endpoint, deliveries]) => offer(endpoint, deliveries) ?? []);
  if (asked.length === 0) return undefined;
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
      taken(asked, along === undefined ? NOTHING_TAKEN : batchOf(along, asked, call));
      return along === undefined ? results : untaken(results, along);
    },
    withdraw: () => taken(asked, NOTHING_TAKEN),
    giveUp: () => taken(asked),
  };
}

function batchOf(
  { batch, deliveries }: Along,
  asked: readonly TakeFrom[],
  { events, nowMs }: Pick<OpenOffersOptions, "events" | "nowMs">,
): Batch {
  const ofEvents = new Map(events.map((event) => [event.id, event]));
  const ofEndpoints = new Map(asked.map((from) => [from.endpoint, from]));
  return {
    ...NOTHING_TAKEN,
    id: batch,
    deliveries: deliveries.flatMap(({ id, event: name, endpoint, subscriber, sequence }): TakenDelivery[] => {
      const event = ofEvents.get(name);
      const from = ofEndpoints.get(endpoint);
      // The thread names what it was sent.
      if (event === undefined || from === undefined) return [];
      const { type, version, envelope } = event;
      const sent = { id: name, type, version, body: bodyOf(envelope, sequence) };
      return [newlyTaken(from, { id, subscriber, event: sent, nowMs })];
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
