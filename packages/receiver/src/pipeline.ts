import { given } from "./body-limits.ts";
import { challenge } from "./challenge.ts";
import { checkContracts, isViolation } from "./contract-check.ts";
import { addressBucket } from "./core/address-bucket.ts";
import type { Origin } from "./core/forwarded.ts";
import { headerValue } from "./core/headers.ts";
import type { RefusalCode } from "./core/receipt.ts";
import { verificationRefusal } from "./core/refusal.ts";
import { requestUrl } from "./core/request-url.ts";
import { gunzip } from "./decompress.ts";
import { type Diagnosis, type Outcome, refuse } from "./outcome.ts";
import type { BodyRead, HoldBytes, ReceiveLimits, ReceiveOptions, ReceiveRequest, Wait } from "./receive.ts";
import type { Source } from "./source.ts";
import { arrivedEvents, storeUnverified, storeVerified } from "./store-event.ts";

/** What all requests share. */
export interface Way extends Pick<ReceiveOptions, "inbox" | "onSecret"> {
  readonly limits: ReceiveLimits;
  readonly clock: () => number;
  readonly readOrigin: (peer: string | undefined, headers: ReceiveRequest["headers"]) => Origin;
  readonly publicUrl: string | undefined;
  readonly maxBufferedBytes: number;
  /** Changed as bodies come and go. */
  buffered: number;
}

/** One request on its way in. */
export interface Passage {
  readonly way: Way;
  readonly source: Source;
  readonly request: ReceiveRequest;
  /** The client's address, as far as it can be believed. */
  readonly address: string | undefined;
  /** Under which name that address is counted. */
  readonly client: string;
  readonly encoding: string;
  /** As the provider called it. */
  readonly url: string | undefined;
  readonly isSigned: boolean;
  /** Whether it comes from where its source says it must. */
  readonly isAllowed: boolean;
}

export function enter(way: Way, source: Source, request: ReceiveRequest): Passage {
  const { headers, url, isEncrypted = false } = request;
  const origin = way.readOrigin(request.remoteAddress, headers);
  const { address } = origin;
  const { credentialHeaders, isAllowedFrom, publicUrl = way.publicUrl } = source;
  return {
    way,
    source,
    request,
    address,
    client: addressBucket(address),
    encoding: headerValue(headers, "content-encoding")?.toLowerCase() ?? "identity",
    url: requestUrl({ url, headers, origin, publicUrl, isEncrypted }),
    isSigned:
      credentialHeaders.length === 0 ||
      credentialHeaders.some((name) => headerValue(headers, name) !== undefined),
    isAllowed: isAllowedFrom === undefined || (address !== undefined && isAllowedFrom(address)),
  };
}

/** Takes one request in, cheapest refusal first. Never rejects. */
export async function pass(passage: Passage): Promise<Outcome> {
  const { way, request } = passage;
  // Only bytes that came are charged: what a client merely promises must not take the room of others.
  let held = 0;
  const hold = (bytes: number) => {
    if (way.buffered + bytes > way.maxBufferedBytes) return false;
    way.buffered += bytes;
    held += bytes;
    return true;
  };
  try {
    const early = refuseEarly(passage);
    if (early !== undefined) return early;
    if (request.method !== "POST") return await answerOnly(passage);
    const read = await readBody(passage, hold);
    if (read.kind === "bytes") return await takeBody(passage, read.bytes);
    if (read.code === "payload_too_large" && isQuestionAtMost(passage)) return unsigned(passage);
    if (read.code === "bad_request" || read.code === "request_timeout") countUnverified(passage);
    return refuse(read.code, { hint: read.hint });
  } catch (error) {
    return refuse("internal_error", { error });
  } finally {
    way.buffered -= held;
  }
}

/** Everything that can be refused without the body. */
function refuseEarly(passage: Passage): Outcome | undefined {
  const { way, source, request, address, client, encoding } = passage;
  const { method } = request;
  if (!source.methods.includes(method)) {
    return refuse("method_not_allowed", { allow: source.methods.join(", ") });
  }
  if (encoding !== "identity" && !(source.decompress && encoding === "gzip")) {
    return refuse("unsupported_encoding", { hint: "The request has a Content-Encoding." });
  }
  const declared = declaredBytes(request);
  if (declared !== undefined && declared > source.maxBodyBytes) {
    return refuse("payload_too_large", { hint: `Content-Length is above ${source.maxBodyBytes}.` });
  }
  if (!passage.isAllowed && source.enforce) {
    countUnverified(passage);
    return refuse("ip_not_allowed", { hint: `The request came from ${address ?? "an unknown address"}.` });
  }
  const wait = way.limits.blocked?.(client);
  if (wait !== undefined) {
    return refuse("rate_limited", { hint: "Too many unverified requests.", retryAfterMs: wait });
  }
  const mayBeUnsigned = passage.isSigned || source.isAskedUnsigned || !source.enforce || method !== "POST";
  return mayBeUnsigned ? undefined : unsigned(passage);
}

/** A request by a method that events do not come by. */
async function answerOnly(passage: Passage): Promise<Outcome> {
  countUnverified(passage);
  const answered = await challenge(passage, { stage: "unverified", body: new Uint8Array() });
  return answered ?? refuse("challenge_failed", { hint: "The request is no question of the provider's." });
}

/** More events in one body than any provider sends; each costs the store as much as a request does. */
const mostItems = 5_000;

async function takeBody(passage: Passage, body: Uint8Array): Promise<Outcome> {
  const { way, source, request, client, url, isSigned } = passage;
  if (source.isAskedUnsigned) {
    const answered = await challenge(passage, { stage: "unverified", body });
    if (answered !== undefined) {
      countUnverified(passage);
      return answered;
    }
  }
  const bodyBytes = body.byteLength;
  if (!isSigned) return unverified(passage, body, { code: "signature_missing", hint: missingHint(passage) });
  const { headers, method } = request;
  const receivedAtMs = way.clock();
  const verifying = source.verify({ headers, method, body, url, now: receivedAtMs });
  // Waiting for what is there already costs as much as some of the checks.
  const verification = verifying instanceof Promise ? await verifying : verifying;
  if (!verification.ok) {
    const { reason, hint } = verification;
    return unverified(passage, body, { code: verificationRefusal(reason, headers, source.idHeader), hint });
  }
  const { keyIndex, event, covered } = verification;
  way.limits.verified?.(client);
  if (source.isAskedSigned) {
    const answered = await challenge(passage, { stage: "verified", body, keyIndex });
    if (answered !== undefined) return { ...answered, bodyBytes, keyIndex };
  }
  const items = event.items?.length || undefined;
  const diagnosis = { eventId: event.id, eventType: event.type, bodyBytes, keyIndex, covered, items };
  const limiting = limit(passage, diagnosis);
  const limited = limiting === undefined ? undefined : await limiting;
  if (limited !== undefined) return limited;
  if (items !== undefined && items > mostItems) {
    const hint = `The body has ${items} events, more than ${mostItems}.`;
    return refuse("payload_too_large", { ...diagnosis, hint });
  }
  const events = arrivedEvents(event);
  const contract = source.contracts && checkContracts(source.contracts, events);
  const found = contract === undefined ? diagnosis : { ...diagnosis, contract };
  if (source.contracts?.mode === "enforce" && contract !== undefined && isViolation(contract))
    return refuse("event_rejected", found);
  return await storeVerified(passage, {
    events,
    isBatch: items !== undefined,
    receivedAtMs,
    diagnosis: found,
  });
}

interface Doubt {
  readonly code: RefusalCode;
  readonly hint: string;
}

/** Refuses what did not verify, or lets it in where the source only reports. */
async function unverified(passage: Passage, body: Uint8Array, { code, hint }: Doubt): Promise<Outcome> {
  const { source, way } = passage;
  // That we cannot fetch a provider's key is no fault of whoever sends. The fetches have limits of their own.
  if (code !== "key_unavailable") countUnverified(passage);
  const diagnosis = { bodyBytes: body.byteLength, hint };
  if (source.enforce) return refuse(code, { ...diagnosis, status: rejectStatus(source, code) });
  const limited = await limit(passage, { ...diagnosis, unverified: code });
  return limited ?? storeUnverified(passage, { body, code, hint, receivedAtMs: way.clock() });
}

function limit(
  { way, source }: Passage,
  diagnosis: Diagnosis,
): Outcome | undefined | Promise<Outcome | undefined> {
  const admission = way.limits.admit?.(source.name);
  const refusal = (wait: Wait) =>
    wait === undefined ? undefined : refuse("rate_limited", { ...diagnosis, retryAfterMs: wait });
  return typeof admission === "object" ? admission.then(refusal) : refusal(admission);
}

function unsigned(passage: Passage): Outcome {
  countUnverified(passage);
  const status = rejectStatus(passage.source, "signature_missing");
  return refuse("signature_missing", { hint: missingHint(passage), status });
}

function missingHint({ source }: Passage): string {
  return `There is no header ${source.credentialHeaders[0] ?? "with a signature"}.`;
}

/** A provider may want another status than 401; other codes are ours to choose. */
function rejectStatus({ rejectStatus }: Source, code: RefusalCode): number | undefined {
  return /^(?:signature_|timestamp_)/.test(code) ? rejectStatus : undefined;
}

function countUnverified({ way, client }: Passage): void {
  way.limits.unverified?.(client);
}

/** Whether the request can be nothing but a question, which are short. */
function isQuestionAtMost({ isSigned, source }: Passage): boolean {
  return !isSigned && source.enforce;
}

const largestQuestionBytes = 16_384;

async function readBody(passage: Passage, hold: HoldBytes): Promise<BodyRead> {
  const { source, request, encoding } = passage;
  const { body } = request;
  const maxBytes = isQuestionAtMost(passage)
    ? Math.min(source.maxBodyBytes, largestQuestionBytes)
    : source.maxBodyBytes;
  const read = typeof body === "function" ? await body(maxBytes, hold) : given(body, maxBytes);
  if (read.kind === "refused" || encoding === "identity") return read;
  return gunzip(read.bytes, maxBytes, hold);
}

function declaredBytes({ headers, body }: ReceiveRequest): number | undefined {
  if (typeof body !== "function") return body.byteLength;
  const value = headerValue(headers, "content-length");
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}
