import { hash, randomBytes } from "node:crypto";
import { createEgress, type Egress, type EgressOptions, type EgressResult } from "@hooks/egress";
import { parseRetryAfter } from "@hooks/retry";
import { parseSigningKey, sign, type SigningKey } from "@hooks/signing";
import { outcomeOfStatus, type AttemptResult } from "../core/outcome.ts";
import type { Endpoint } from "../core/model.ts";
import type { Transport } from "../transport.ts";

export interface HttpTransportOptions extends EgressOptions {
  /** One attempt, from the name's resolution to the last byte read. Default 15,000 ms, within the 15 to 30 s that
   * Standard Webhooks recommends. */
  readonly timeoutMs?: number;
  readonly userAgent?: string;
  /**
   * Sockets per origin. Default 1,000, as many as a worker has attempts in flight at the most: of the endpoints of one host,
   * none waits for a socket that another holds.
   */
  readonly connectionsPerOrigin?: number;
}

/** What is kept of an answer's body, in bytes. */
const KEPT_RESPONSE_BYTES = 4_096;

/** Delivers over HTTP as Standard Webhooks 1.0.0 says, through the egress guard. */
export function createHttpTransport({
  timeoutMs,
  userAgent,
  connectionsPerOrigin = 1_000,
  ...egressOptions
}: HttpTransportOptions = {}): Transport {
  const egress = createEgress({ connectionsPerOrigin, ...egressOptions });
  return createEgressTransport({ egress, timeoutMs, userAgent, newSpan });
}

export interface EgressTransportOptions {
  readonly egress: Egress;
  readonly timeoutMs: number | undefined;
  readonly userAgent: string | undefined;
  /** 16 hexadecimal digits, others each time. */
  readonly newSpan: () => string;
}

/** Signs, and sends through the egress it is given. */
export function createEgressTransport({
  egress,
  timeoutMs = 15_000,
  userAgent = "Hooks/0",
  newSpan,
}: EgressTransportOptions): Transport {
  const keysOf = createKeyCache();
  return {
    checkUrl: (url) => egress.checkUrl(url),
    close: () => egress.destroy(),
    send: async ({ endpoint, event, headers, nowMs, isWanted }) => {
      const keys = keysOf(endpoint, nowMs);
      if (keys.length === 0) return { outcome: "secret_unavailable", durationMs: 0 };
      const signature = sign({ id: event.id, timestamp: Math.floor(nowMs / 1_000), body: event.body, keys });
      const own = {
        "content-type": "application/json",
        "user-agent": userAgent,
        "webhook-version": event.version,
        traceparent: traceparentOf(event.id, newSpan()),
        "webhook-id": signature["webhook-id"],
        "webhook-timestamp": signature["webhook-timestamp"],
        "webhook-signature": signature["webhook-signature"],
      };
      const isPlain = headers === undefined && isEmpty(endpoint.headers);
      const result = await egress.request({
        method: "POST",
        url: endpoint.url,
        headers: isPlain ? own : { ...endpoint.headers, ...headers, ...own },
        body: event.body,
        timeoutMs,
        isWanted,
        clientCertificate: endpoint.clientCertificate,
      });
      return resultOf(result, nowMs);
    },
  };
}

/** Copying headers one by one is most of what it costs to put them together. */
function isEmpty(record: Readonly<Record<string, string>>): boolean {
  for (const _ in record) return false;
  return true;
}

function resultOf(result: EgressResult, nowMs: number): AttemptResult {
  if (result.kind === "failed") {
    const { reason, durationMs: tookMs } = result;
    return { outcome: reason === "unwanted" ? "interrupted" : reason, durationMs: tookMs };
  }
  const { status, durationMs, body } = result;
  const outcome = outcomeOfStatus(status, result.headers["webhook-retry"]);
  const retryAfterMs = parseRetryAfter(result.headers["retry-after"], nowMs);
  const answered = { outcome, status, durationMs };
  if (retryAfterMs === undefined && body.length === 0) return answered;
  return {
    ...answered,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(body.length === 0
      ? {}
      : { response: Buffer.from(body.subarray(0, KEPT_RESPONSE_BYTES)).toString("utf8") }),
  };
}

interface DatedKey {
  readonly key: SigningKey;
  readonly expiresAtMs: number;
}

interface CachedKeys {
  readonly dated: readonly DatedKey[];
  /** All of them, where none expires, as is so but for the time after a rotation. */
  readonly lasting: readonly SigningKey[] | undefined;
}

/**
 * The keys to sign with now, none when a secret cannot be read. Secrets are parsed once for each endpoint object; a
 * changed endpoint is another object.
 */
function createKeyCache(): (endpoint: Endpoint, nowMs: number) => readonly SigningKey[] {
  const cache = new WeakMap<Endpoint, CachedKeys>();
  return (endpoint, nowMs) => {
    let keys = cache.get(endpoint);
    if (keys === undefined) {
      const dated = parseSecrets(endpoint);
      const isLasting = dated.every(({ expiresAtMs }) => expiresAtMs === Infinity);
      keys = { dated, lasting: isLasting ? dated.map(({ key }) => key) : undefined };
      cache.set(endpoint, keys);
    }
    const { dated, lasting } = keys;
    return lasting ?? dated.filter(({ expiresAtMs }) => expiresAtMs > nowMs).map(({ key }) => key);
  };
}

function parseSecrets({ secrets }: Endpoint): readonly DatedKey[] {
  try {
    return secrets.map(({ value, expiresAtMs = Infinity }) => ({ key: parseSigningKey(value), expiresAtMs }));
  } catch {
    return [];
  }
}

/** Of this process, so that the spans of several processes differ; the rest counts. */
const SPAN_PREFIX = randomBytes(4).toString("hex");
let spans = 0;

function newSpan(): string {
  spans = (spans + 1) % 2 ** 32;
  return `${SPAN_PREFIX}${spans.toString(16).padStart(8, "0")}`;
}

/** W3C trace context: all attempts of an event share its trace, each is a span of its own. */
function traceparentOf(eventId: string, span: string): string {
  return `00-${traceOf(eventId)}-${span}-01`;
}

const traces = new Map<string, string>();
const MAX_TRACES = 1_000;

/** An event mostly goes to several endpoints, one soon after the other. */
function traceOf(eventId: string): string {
  let trace = traces.get(eventId);
  if (trace === undefined) {
    trace = hash("sha256", eventId).slice(0, 32);
    if (traces.size >= MAX_TRACES) traces.clear();
    traces.set(eventId, trace);
  }
  return trace;
}
