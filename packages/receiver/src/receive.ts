import { randomUUID } from "node:crypto";
import { addressBucket } from "./core/address-bucket.ts";
import { headerValue, keepHeaders, type RequestHeaders } from "./core/headers.ts";
import { type Receipt, type RefusalCode, statusOf } from "./core/receipt.ts";
import { verificationRefusal } from "./core/refusal.ts";
import { guardReport } from "./guard-report.ts";
import { type Inbox, InboxUnavailable } from "./inbox.ts";
import { Refused } from "./refused.ts";
import { prepareSource, type Source, type SourceOptions } from "./source.ts";

/** A request, whatever framework it came through. */
export interface ReceiveRequest {
  /** The name of the source, as in the path. */
  readonly source: string;
  readonly method: string;
  readonly headers: RequestHeaders;
  /** The raw body, or how to read it: it is read only after the cheap refusals. */
  readonly body: Uint8Array | ReadBody;
  /** The address of the client's connection, as far as it is known and trusted. */
  readonly remoteAddress?: string | undefined;
}

/** Reads at most `maxBytes`, and asks `hold` for every piece that comes. Never rejects. */
export type ReadBody = (maxBytes: number, hold: HoldBytes) => Promise<BodyRead>;

/** Charges bytes to the memory for all bodies; false when there is no room for them. */
export type HoldBytes = (bytes: number) => boolean;

export type BodyRead =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | {
      readonly kind: "refused";
      readonly code:
        | "payload_too_large"
        | "request_timeout"
        | "bad_request"
        | "body_already_parsed"
        | "overloaded";
      /** For the operator. */
      readonly hint: string;
    };

export interface Receive {
  /** Never rejects. */
  (request: ReceiveRequest): Promise<Receipt>;
  /** Refuses new requests as `shutting_down`; resolves when those under way are answered. */
  stop(): Promise<void>;
}

/** One wide event per received request. It never holds a secret, a signature or the payload. */
export interface ReceiveReport {
  readonly requestId: string;
  readonly source: string;
  /** `undefined` for an unknown source. */
  readonly provider: string | undefined;
  readonly method: string;
  readonly remoteAddress: string | undefined;
  readonly outcome: "accepted" | "duplicate" | RefusalCode;
  readonly status: number;
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
  readonly bodyBytes: number | undefined;
  /** Which of the source's secrets matched. */
  readonly keyIndex: number | undefined;
  /** One sentence on why it was refused. */
  readonly hint: string | undefined;
  /** What broke, when something did. */
  readonly error: unknown;
  readonly durationMs: number;
}

/** How much one client or source may send. Both answer at once where they can. */
export interface ReceiveLimits {
  /** Per source, after verification; gives the wait in ms when there is no room. */
  admit?(source: string): Wait | Promise<Wait>;
  /** Per client, before verification: the wait in ms when too many unverified requests came from there. */
  blocked?(client: string): Wait;
  /** An unverified request came from this client. */
  unverified?(client: string): void;
}

/** Milliseconds to wait; `undefined` when there is nothing to wait for. */
export type Wait = number | undefined;

export interface ReceiveOptions {
  readonly sources: Readonly<Record<string, SourceOptions>>;
  readonly inbox: Pick<Inbox, "accept">;
  readonly limits?: ReceiveLimits;
  /** Should not throw; what it throws becomes a process warning. */
  readonly report?: (report: ReceiveReport) => void;
  /** Bodies held in memory at once, over all requests. Default 128 MiB. */
  readonly maxBufferedBytes?: number;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * The way in, cheapest refusal first: source and method, declared encoding and size, client's limit, body, signature,
 * source's limit, and then the one atomic step that deduplicates and enqueues. A receipt `accepted` or `duplicate`
 * is given only when the event is durable. Never rejects.
 */
export function createReceive(options: ReceiveOptions): Receive {
  const { clock = Date.now, maxBufferedBytes = 128 * 1024 * 1024 } = options;
  const report = guardReport(options.report ?? (() => {}));
  const sources = new Map(
    Object.entries(options.sources).map(([name, source]) => [name, prepareSource(name, source)]),
  );
  const way: Way = {
    inbox: options.inbox,
    limits: options.limits ?? {},
    clock,
    maxBufferedBytes,
    buffered: 0,
  };
  const underWay = new Set<Promise<unknown>>();
  let stopping = false;

  const receive = async (request: ReceiveRequest): Promise<Receipt> => {
    const started = performance.now();
    const requestId = randomUUID();
    const source = sources.get(request.source);
    const passing = stopping ? refuseStopping : pass(way, source, request);
    underWay.add(passing);
    const outcome = await passing;
    underWay.delete(passing);
    const receipt = toReceipt(requestId, outcome);
    report({
      requestId,
      source: request.source,
      provider: source?.provider,
      method: request.method,
      remoteAddress: request.remoteAddress,
      outcome: outcome.kind === "refused" ? outcome.code : outcome.kind,
      status: statusOf(receipt),
      eventId: outcome.eventId,
      eventType: outcome.eventType,
      bodyBytes: outcome.bodyBytes,
      keyIndex: outcome.keyIndex,
      hint: outcome.hint,
      error: outcome.error,
      durationMs: performance.now() - started,
    });
    return receipt;
  };
  const stop = async () => {
    stopping = true;
    await Promise.allSettled(underWay);
  };
  return Object.assign(receive, { stop });
}

interface Way {
  readonly inbox: Pick<Inbox, "accept">;
  readonly limits: ReceiveLimits;
  readonly clock: () => number;
  readonly maxBufferedBytes: number;
  /** Changed as bodies come and go. */
  buffered: number;
}

/** A receipt with the diagnosis. */
type Outcome = Diagnosis &
  (
    | { readonly kind: "accepted" | "duplicate"; readonly eventId: string }
    | { readonly kind: "refused"; readonly code: RefusalCode; readonly retryAfterMs?: number | undefined }
  );

interface Diagnosis {
  readonly eventId?: string | undefined;
  readonly eventType?: string | undefined;
  readonly bodyBytes?: number;
  readonly keyIndex?: number;
  readonly hint?: string;
  readonly error?: unknown;
}

async function pass(way: Way, source: Source | undefined, request: ReceiveRequest): Promise<Outcome> {
  if (source === undefined) return refuse("source_not_found");
  const early = refuseEarly(way, source, request);
  if (early !== undefined) return early;
  // Only bytes that came are charged: what a client merely promises must not take the room of others.
  let held = 0;
  const hold = (bytes: number) => {
    if (way.buffered + bytes > way.maxBufferedBytes) return false;
    way.buffered += bytes;
    held += bytes;
    return true;
  };
  try {
    const read = await readBody(request, source.maxBodyBytes, hold);
    if (read.kind === "bytes") return await acceptVerified(way, source, { ...request, body: read.bytes });
    if (read.code === "bad_request" || read.code === "request_timeout") {
      way.limits.unverified?.(addressBucket(request.remoteAddress));
    }
    return refuse(read.code, { hint: read.hint });
  } catch (error) {
    return refuse("internal_error", { error });
  } finally {
    way.buffered -= held;
  }
}

/** Everything that can be refused without the body. */
function refuseEarly(way: Way, source: Source, request: ReceiveRequest): Outcome | undefined {
  const { headers, method, remoteAddress } = request;
  if (method !== "POST") return refuse("method_not_allowed");
  const encoding = headerValue(headers, "content-encoding");
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    return refuse("unsupported_encoding", { hint: "The request has a Content-Encoding." });
  }
  const declared = declaredBytes(request);
  if (declared !== undefined && declared > source.maxBodyBytes) {
    return refuse("payload_too_large", { hint: `Content-Length is above ${source.maxBodyBytes}.` });
  }
  const wait = way.limits.blocked?.(addressBucket(remoteAddress));
  if (wait !== undefined) {
    return { ...refuse("rate_limited", { hint: "Too many unverified requests." }), retryAfterMs: wait };
  }
  const [signatureHeader] = source.credentialHeaders;
  const isSigned = source.credentialHeaders.some((name) => headerValue(headers, name) !== undefined);
  if (signatureHeader !== undefined && !isSigned) {
    way.limits.unverified?.(addressBucket(remoteAddress));
    return refuse("signature_missing", { hint: `There is no header ${signatureHeader}.` });
  }
  return undefined;
}

function declaredBytes({ headers, body }: ReceiveRequest): number | undefined {
  if (typeof body !== "function") return body.byteLength;
  const value = headerValue(headers, "content-length");
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

async function readBody({ body }: ReceiveRequest, maxBytes: number, hold: HoldBytes): Promise<BodyRead> {
  return typeof body === "function" ? body(maxBytes, hold) : { kind: "bytes", bytes: body };
}

async function acceptVerified(
  { inbox, limits, clock }: Way,
  source: Source,
  request: ReceiveRequest & { readonly body: Uint8Array },
): Promise<Outcome> {
  const { headers, method, body, remoteAddress } = request;
  const receivedAtMs = clock();
  const bodyBytes = body.byteLength;
  const verification = await source.verify({ headers, method, body, now: receivedAtMs });
  if (!verification.ok) {
    limits.unverified?.(addressBucket(remoteAddress));
    const { reason, hint } = verification;
    return refuse(verificationRefusal(reason, headers, source.idHeader), { bodyBytes, hint });
  }
  const { keyIndex, event } = verification;
  const diagnosis = { eventId: event.id, eventType: event.type, bodyBytes, keyIndex };
  const admission = limits.admit?.(source.name);
  const wait = typeof admission === "object" ? await admission : admission;
  if (wait !== undefined) return { ...refuse("rate_limited", diagnosis), retryAfterMs: wait };
  try {
    const kept = keepHeaders(headers, source.headers);
    const entry = {
      source: source.name,
      eventId: event.id,
      eventType: event.type,
      headers: kept,
      body,
      receivedAtMs,
    };
    const result = await inbox.accept(entry);
    if (result === "full") return refuse("backpressure", diagnosis);
    return { ...diagnosis, kind: result };
  } catch (error) {
    if (error instanceof Refused) {
      const { code, retryAfterMs, message, cause } = error;
      return { ...refuse(code, { ...diagnosis, hint: message, error: cause }), retryAfterMs };
    }
    const code = error instanceof InboxUnavailable ? error.code : "queue_unavailable";
    return refuse(code, { ...diagnosis, error });
  }
}

function refuse(code: RefusalCode, diagnosis: Diagnosis = {}): Outcome & { readonly kind: "refused" } {
  return { ...diagnosis, kind: "refused", code };
}

const refuseStopping: Promise<Outcome> = Promise.resolve(refuse("shutting_down"));

function toReceipt(requestId: string, outcome: Outcome): Receipt {
  if (outcome.kind !== "refused") return { kind: outcome.kind, requestId, id: outcome.eventId };
  const { code, retryAfterMs } = outcome;
  return { kind: "refused", requestId, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
