import type { VerifiedProviderEvent } from "@hooks/signing/providers";
import { keepHeaders } from "./core/headers.ts";
import { sliceJson } from "./core/json-slices.ts";
import type { RefusalCode } from "./core/receipt.ts";
import { type IncomingEvent, InboxUnavailable } from "./inbox.ts";
import { type Diagnosis, type Outcome, refuse } from "./outcome.ts";
import type { Passage } from "./pipeline.ts";
import { Refused } from "./refused.ts";

/** The header of an event that did not verify, which only a source that lets everybody in has. No sender can set it. */
const UNVERIFIED_HEADER = "hooks-unverified";

/** The header of an event whose body no signature vouches for. No sender can set it. */
const COVERED_HEADER = "hooks-covered";

/** One event of a request. */
export type ArrivedEvent = Pick<VerifiedProviderEvent, "id" | "type" | "body">;

/** The event of a request, or all events of a body with several, each with its own bytes and id. */
export function arrivedEvents(event: VerifiedProviderEvent): readonly ArrivedEvent[] {
  const { items = [] } = event;
  if (items.length === 0) return [event];
  const pointers = items.map(({ pointer }) => pointer);
  const bytes = sliceJson(event.body, pointers);
  // The pointers are those of the very text, so nothing is missing.
  return items.map(({ id, type, pointer }) => ({ id, type, body: bytes.get(pointer) ?? event.body }));
}

export interface VerifiedArrival {
  readonly events: readonly ArrivedEvent[];
  /** Whether they came in a body that may have several. */
  readonly isBatch: boolean;
  readonly receivedAtMs: number;
  readonly diagnosis: Diagnosis;
}

/** Stores what came in one request, all of it or nothing. Never rejects. */
export function storeVerified(passage: Passage, arrival: VerifiedArrival): Promise<Outcome> {
  const { receivedAtMs } = arrival;
  const { isAllowed, source } = passage;
  const doubt: RefusalCode | undefined = isAllowed ? undefined : "ip_not_allowed";
  const diagnosis = doubt === undefined ? arrival.diagnosis : { ...arrival.diagnosis, unverified: doubt };
  const headers = keptHeaders(passage, { doubt, covered: diagnosis.covered });
  const incoming = ({ id, type, body }: ArrivedEvent): IncomingEvent => {
    return { source: source.name, eventId: id, eventType: type, headers, body, receivedAtMs };
  };
  const [first] = arrival.events;
  if (arrival.isBatch || first === undefined)
    return storeBatch(passage, arrival.events.map(incoming), diagnosis);
  return storeOne(passage, incoming(first), diagnosis);
}

export interface UnverifiedArrival {
  readonly body: Uint8Array;
  readonly code: RefusalCode;
  readonly hint: string;
  readonly receivedAtMs: number;
}

/** Stores a request that nobody vouches for, under a name that no verified event can have. Never rejects. */
export async function storeUnverified(passage: Passage, arrival: UnverifiedArrival): Promise<Outcome> {
  const { body, code, hint, receivedAtMs } = arrival;
  const eventId = `unverified:${await digest(body)}`;
  const event = {
    source: passage.source.name,
    eventId,
    eventType: undefined,
    headers: keptHeaders(passage, { doubt: code }),
    body,
    receivedAtMs,
  };
  return storeOne(passage, event, { eventId, bodyBytes: body.byteLength, unverified: code, hint });
}

/** SHA-256 in hex, in any runtime. */
async function digest(body: Uint8Array): Promise<string> {
  const hashed = await crypto.subtle.digest("SHA-256", Uint8Array.from(body));
  return Array.from(new Uint8Array(hashed), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Marks extends Pick<Diagnosis, "covered"> {
  readonly doubt: RefusalCode | undefined;
}

function keptHeaders(
  { request, source }: Passage,
  { doubt, covered = "signature" }: Marks,
): Record<string, string> {
  const kept = keepHeaders(request.headers, source.headers);
  // Its own object, and most requests have neither.
  if (doubt !== undefined) kept[UNVERIFIED_HEADER] = doubt;
  if (covered !== "signature") kept[COVERED_HEADER] = covered;
  return kept;
}

async function storeOne(
  { way, source }: Passage,
  event: IncomingEvent,
  diagnosis: Diagnosis,
): Promise<Outcome> {
  try {
    const kind = await way.inbox.accept(event);
    if (kind === "full") return refuse("backpressure", diagnosis);
    return { ...diagnosis, kind, eventId: event.eventId, acknowledge: source.acknowledge };
  } catch (error) {
    return refuseStore(error, diagnosis);
  }
}

async function storeBatch(
  { way, source }: Passage,
  events: readonly IncomingEvent[],
  diagnosis: Diagnosis,
): Promise<Outcome> {
  try {
    const results = await way.inbox.acceptBatch(events);
    if (results === "full") return refuse("backpressure", diagnosis);
    const kind = results.includes("accepted") ? "accepted" : "duplicate";
    return { ...diagnosis, kind, eventId: diagnosis.eventId ?? "", acknowledge: source.acknowledge };
  } catch (error) {
    return refuseStore(error, diagnosis);
  }
}

function refuseStore(error: unknown, diagnosis: Diagnosis): Outcome {
  if (error instanceof Refused) {
    const { code, retryAfterMs, message, cause } = error;
    return refuse(code, { ...diagnosis, hint: message, error: cause, retryAfterMs });
  }
  const code = error instanceof InboxUnavailable ? error.code : "queue_unavailable";
  return refuse(code, { ...diagnosis, error });
}
