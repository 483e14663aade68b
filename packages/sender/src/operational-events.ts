import type { EndpointHealth } from "./core/endpoint-health.ts";
import type { Attempt, Endpoint } from "./core/model.ts";
import type { Contracts } from "./contracts.ts";
import type { Ids } from "./ids.ts";
import type {
  Announcement,
  AnnounceDeath,
  AnnounceReplay,
  Death,
  Settlement,
  SettlementAnnouncement,
} from "./store.ts";

/** Events about deliveries themselves; those of them that die are not told of, or each would make another. */
const TYPES = [
  "delivery.dead",
  "endpoint.failing",
  "endpoint.disabled",
  "endpoint.recovered",
  "replay.finished",
  "contract.deprecated",
] as const;

/** What became of an attempt, and what was known of its endpoint before and after it. */
export interface Judged {
  readonly settlement: Settlement;
  readonly endpoint: Endpoint;
  readonly before: EndpointHealth;
  readonly after: EndpointHealth;
  readonly nowMs: number;
}

/** What the subscriber is told of it. Nothing of types that the contracts do not have. */
export type Announce = (judged: Judged) => readonly SettlementAnnouncement[];

export interface OperationalEventsOptions {
  readonly contracts: Pick<Contracts, "eventTypes">;
  readonly newId: Ids;
}

export function createAnnounce({ contracts, newId }: OperationalEventsOptions): Announce {
  const known = new Set(TYPES.filter((type) => Object.hasOwn(contracts.eventTypes, type)));
  const ours = new Set<string>(TYPES);
  return (judged) => {
    const { settlement, endpoint, before, after } = judged;
    const { subscriber } = endpoint;
    const object = (type: (typeof TYPES)[number], on: SettlementAnnouncement["on"], members: object) =>
      known.has(type) ? [{ on, id: newId("evt"), type, subscriber, data: { object: members } }] : [];
    const isDisabled = settlement.disableEndpoint !== undefined;
    const isDead = settlement.next.state === "dead";
    if (!isDisabled && !isDead && before.isFailing === after.isFailing) return [];
    const hasBegunToFail = !before.isFailing && after.isFailing && !isDisabled;
    const hasRecovered = before.isFailing && !after.isFailing;
    const isTold = isDead && !ours.has(settlement.delivery.event.type);
    return [
      ...(isTold ? object("delivery.dead", "dead", deathOf(asDeath(judged))) : []),
      ...(isDisabled ? object("endpoint.disabled", "disabled", disablingOf(judged)) : []),
      ...(hasBegunToFail ? object("endpoint.failing", "settled", failingOf(judged)) : []),
      ...(hasRecovered ? object("endpoint.recovered", "settled", recoveryOf(judged)) : []),
    ];
  };
}

/** What the owner of an endpoint is told of a delivery that died without an attempt of this process. */
export function createAnnounceDeath({ contracts, newId }: OperationalEventsOptions): AnnounceDeath {
  const isKnown = Object.hasOwn(contracts.eventTypes, "delivery.dead");
  const ours = new Set<string>(TYPES);
  return (death) => {
    if (!isKnown || ours.has(death.delivery.eventType)) return undefined;
    const { subscriber } = death.endpoint;
    return { id: newId("evt"), type: "delivery.dead", subscriber, data: { object: deathOf(death) } };
  };
}

/** What the owner of the endpoints is told of a replay that is over. */
export function createAnnounceReplay({ contracts, newId }: OperationalEventsOptions): AnnounceReplay {
  const isKnown = Object.hasOwn(contracts.eventTypes, "replay.finished");
  return ({ id, filter: { subscriber }, state, createdAtMs, finishedAtMs, ...counts }) => {
    if (!isKnown) return undefined;
    const { selected, replayed, skipped } = counts;
    const object = {
      id,
      outcome: state,
      selected: state === "finished" ? replayed + skipped : Math.max(selected, replayed + skipped),
      sent: replayed,
      failed: skipped,
      started_at: isoOf(createdAtMs),
      finished_at: isoOf(finishedAtMs ?? createdAtMs),
    };
    return { id: newId("evt"), type: "replay.finished", subscriber, data: { object } };
  };
}

/** What the owner of an endpoint is told of a change that somebody has asked for. Does not throw. */
export type AnnounceChange = (before: Endpoint, after: Endpoint) => Announcement | undefined;

export function createAnnounceChange({ contracts, newId }: OperationalEventsOptions): AnnounceChange {
  const isKnown = Object.hasOwn(contracts.eventTypes, "endpoint.disabled");
  return (before, after) => {
    const isDisabled = before.state !== "disabled" && after.state === "disabled";
    if (!isKnown || !isDisabled) return undefined;
    const { subscriber, updatedAtMs } = after;
    const object = { ...nameOf(after), disabled_at: isoOf(updatedAtMs), reason: "requested" };
    return { id: newId("evt"), type: "endpoint.disabled", subscriber, data: { object } };
  };
}

/** A URL may be longer than its contract has room for. */
const MAX_URL = 2_000;

function nameOf({ id, subscriber, url }: Pick<Endpoint, "id" | "subscriber" | "url">) {
  return { id, subscriber, url: url.slice(0, MAX_URL) };
}

function outcomeOf({ outcome, status }: Pick<Attempt, "outcome" | "status">) {
  return { kind: outcome, status: status ?? null };
}

function asDeath({ settlement: { delivery, attempt, next }, endpoint, nowMs }: Judged): Death {
  const { id, event } = delivery;
  const reason = next.state === "dead" ? next.reason : "";
  return { delivery: { id, event: event.id, eventType: event.type }, reason, attempt, endpoint, nowMs };
}

function deathOf({ delivery, reason, attempt, endpoint, nowMs }: Death) {
  return {
    id: delivery.id,
    event_id: delivery.event,
    event_type: delivery.eventType,
    endpoint: nameOf(endpoint),
    reason,
    attempts: attempt?.number ?? 0,
    last_outcome: attempt === undefined ? null : outcomeOf(attempt),
    died_at: isoOf(nowMs),
  };
}

function disablingOf({ settlement: { disableEndpoint }, endpoint, after, nowMs }: Judged) {
  const { failingSinceMs } = after;
  const isFailing = disableEndpoint === "failing" && failingSinceMs !== undefined;
  return {
    ...nameOf(endpoint),
    disabled_at: isoOf(nowMs),
    reason: disableEndpoint,
    ...(isFailing ? { failing_since: isoOf(failingSinceMs) } : {}),
  };
}

function failingOf({ settlement: { attempt }, endpoint, after, nowMs }: Judged) {
  return {
    ...nameOf(endpoint),
    failing_since: isoOf(after.failingSinceMs ?? nowMs),
    failures: Math.max(1, after.failures),
    last_outcome: outcomeOf(attempt),
  };
}

function recoveryOf({ endpoint, nowMs }: Judged) {
  return { ...nameOf(endpoint), recovered_at: isoOf(nowMs) };
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
