import type { VerifiedProviderEvent } from "@hooks/signing/providers";
import { keepHeaders } from "./core/headers.ts";
import { sliceJson } from "./core/json-slices.ts";
import type { RefusalCode } from "./core/receipt.ts";
import { type AcceptResult, type IncomingEvent, InboxUnavailable } from "./inbox.ts";
import { type Diagnosis, type Outcome, refuse } from "./outcome.ts";
import type { Passage, Way } from "./pipeline.ts";
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

type Identified = Diagnosis & { readonly eventId: string };

export interface VerifiedArrival {
  readonly events: readonly ArrivedEvent[];
  /** Whether they came in a body that may have several. */
  readonly isBatch: boolean;
  readonly receivedAtMs: number;
  readonly diagnosis: Identified;
}

/** Stores what came in one request, all of it or nothing. Never rejects. */
export function storeVerified(passage: Passage, arrival: VerifiedArrival): Promise<Outcome> {
  const { receivedAtMs } = arrival;
  const { isAllowed, source, way } = passage;
  const doubt: RefusalCode | undefined = isAllowed ? undefined : "ip_not_allowed";
  const diagnosis = doubt === undefined ? arrival.diagnosis : { ...arrival.diagnosis, unverified: doubt };
  const headers = keptHeaders(passage, { doubt, covered: diagnosis.covered });
  const incoming = ({ id, type, body }: ArrivedEvent): IncomingEvent => {
    return { source: source.name, eventId: id, eventType: type, headers, body, receivedAtMs };
  };
  const [first] = arrival.events;
  return store(passage, diagnosis, () =>
    arrival.isBatch || first === undefined
      ? acceptBatch(way.inbox, arrival.events.map(incoming))
      : way.inbox.accept(incoming(first)),
  );
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
  const diagnosis = { eventId, bodyBytes: body.byteLength, unverified: code, hint };
  return store(passage, diagnosis, () => passage.way.inbox.accept(event));
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

async function store(
  { source }: Passage,
  diagnosis: Identified,
  accept: () => Promise<AcceptResult>,
): Promise<Outcome> {
  try {
    const kind = await accept();
    if (kind === "full") return refuse("backpressure", diagnosis);
    return { ...diagnosis, kind, acknowledge: source.acknowledge };
  } catch (error) {
    if (error instanceof Refused) {
      const { code, retryAfterMs, message, cause } = error;
      return refuse(code, { ...diagnosis, hint: message, error: cause, retryAfterMs });
    }
    const code = error instanceof InboxUnavailable ? error.code : "queue_unavailable";
    return refuse(code, { ...diagnosis, error });
  }
}

async function acceptBatch(inbox: Way["inbox"], events: readonly IncomingEvent[]): Promise<AcceptResult> {
  const results = await inbox.acceptBatch(events);
  if (results === "full") return results;
  return results.includes("accepted") ? "accepted" : "duplicate";
}
