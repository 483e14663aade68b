import type {
  Attempt,
  ContractInfo,
  Contracts,
  DeadLetter,
  Delivery,
  Endpoint,
  EndpointStatistics,
  EventRecord,
  Replay,
  Subscriber,
} from "@hooks/sender";
import { shownEnvelope } from "./redaction.ts";

/*
 * The model as the API shows it: times as ISO 8601, secrets and what contracts mark as sensitive left out. What is
 * undefined is not in the JSON.
 */

export function presentSubscriber({ id, name, createdAtMs }: Subscriber) {
  return { id, name, createdAt: iso(createdAtMs) };
}

export function presentEndpoint(endpoint: Endpoint) {
  const { createdAtMs, updatedAtMs, enabledAtMs, secrets, clientCertificate, ...rest } = endpoint;
  return {
    ...rest,
    clientCertificate:
      clientCertificate === undefined ? undefined : { certificate: clientCertificate.certificate },
    secrets: secrets.map(({ createdAtMs, expiresAtMs }) => ({
      createdAt: iso(createdAtMs),
      expiresAt: optionalIso(expiresAtMs),
    })),
    createdAt: iso(createdAtMs),
    updatedAt: iso(updatedAtMs),
    enabledAt: optionalIso(enabledAtMs),
  };
}

export function presentStatistics({ health, ...counts }: EndpointStatistics) {
  const { retryAtMs, failingSinceMs, ...rest } = health;
  const times = { retryAt: optionalIso(retryAtMs), failingSince: optionalIso(failingSinceMs) };
  return { health: { ...rest, ...times }, ...counts };
}

/** With the newest secret; only for whoever has just made it. */
export function presentNewEndpoint(endpoint: Endpoint) {
  return { ...presentEndpoint(endpoint), secret: endpoint.secrets[0]?.value };
}

export function presentEvent({ publishedAtMs, body: _, ...rest }: EventRecord) {
  return { ...rest, publishedAt: iso(publishedAtMs) };
}

/** With the envelope that receivers get, but for what is sensitive in it. */
export function presentWholeEvent(event: EventRecord, contracts: Contracts) {
  return { ...presentEvent(event), envelope: shownEnvelope(event, contracts) };
}

export function presentDelivery(delivery: Delivery) {
  const { createdAtMs, dueMs, finishedAtMs, attempts, ...rest } = delivery;
  return {
    ...rest,
    attemptCount: attempts,
    createdAt: iso(createdAtMs),
    dueAt: optionalIso(dueMs),
    finishedAt: optionalIso(finishedAtMs),
  };
}

/** With its attempts as they may be shown, and what it sent, but for what is sensitive in it. */
export function presentDeadLetter({ delivery, attempts, sent }: DeadLetter, contracts: Contracts) {
  const last = attempts.at(-1);
  return {
    ...presentDelivery(delivery),
    attempts: attempts.map(presentAttempt),
    lastOutcome: last?.outcome,
    envelope: sent && shownEnvelope({ type: delivery.eventType, ...sent }, contracts),
  };
}

export function presentAttempt({ startedAtMs, delivery: _, ...rest }: Attempt) {
  return { ...rest, startedAt: iso(startedAtMs) };
}

export function presentReplay({ filter, createdAtMs, finishedAtMs, ...rest }: Replay) {
  const { fromMs, toMs, ...selection } = filter;
  return {
    ...rest,
    ...selection,
    from: optionalIso(fromMs),
    to: iso(toMs),
    createdAt: iso(createdAtMs),
    finishedAt: optionalIso(finishedAtMs),
  };
}

export function presentContract(contract: ContractInfo) {
  const { type, latest, versions, group, summary, trigger, lifecycle, payload } = contract;
  return { type, latest, versions, group, summary, trigger, lifecycle, payload };
}

/** With the schema and the examples of its newest version. */
export function presentWholeContract(contract: ContractInfo) {
  const { schema, examples } = contract;
  return { ...presentContract(contract), schema, examples };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function optionalIso(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : iso(timeMs);
}
