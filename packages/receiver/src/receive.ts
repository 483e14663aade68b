import type { ContractFault } from "./contract-check.ts";
import type { RequestHeaders } from "./core/headers.ts";
import { type Receipt, type RefusalCode, statusOf } from "./core/receipt.ts";
import { guardReport } from "./guard-report.ts";
import type { Inbox } from "./inbox.ts";
import { type Outcome, refuse, toReceipt } from "./outcome.ts";
import { enter, pass, type Way } from "./pipeline.ts";
import { parsePublicUrl, prepareSource, type SourceOptions } from "./source.ts";
import { createOriginReader, type TrustedProxiesOptions } from "./trusted-proxies.ts";

/** A request, whatever framework it came through. */
export interface ReceiveRequest {
  /** The name of the source, as in the path. */
  readonly source: string;
  readonly method: string;
  /** Path and query as they came, or the whole URL; some providers sign it or ask in it. */
  readonly url?: string | undefined;
  /** Whether the connection is TLS. */
  readonly isEncrypted?: boolean;
  readonly headers: RequestHeaders;
  /** The raw body, or how to read it: it is read only after the cheap refusals. */
  readonly body: Uint8Array | ReadBody;
  /** The address at the other end of the connection. */
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
  /** The client's, as far as it can be believed. */
  readonly remoteAddress: string | undefined;
  /** `answered`: a question of the provider's. */
  readonly outcome: "accepted" | "duplicate" | "answered" | RefusalCode;
  /** What it would have been refused as, had its source not let everybody in (`enforce: false`). */
  readonly unverified: RefusalCode | undefined;
  readonly status: number;
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
  readonly bodyBytes: number | undefined;
  /** How it does not fit its contract, where its source asks for that. */
  readonly contract: ContractFault | undefined;
  /** How many events came in one body, where a provider sends several. */
  readonly items: number | undefined;
  /** Which of the source's secrets matched. */
  readonly keyIndex: number | undefined;
  /** What vouches for the body: its signature, or only that its sender knows a token or a password. */
  readonly covered: "signature" | "token" | "basic" | undefined;
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
  /** A request of this client was verified. */
  verified?(client: string): void;
}

/** Milliseconds to wait; `undefined` when there is nothing to wait for. */
export type Wait = number | undefined;

/** How requests get here, for all sources. */
export interface ReceiveSurroundings extends TrustedProxiesOptions {
  /** Of all sources that have none of their own; see `SourceOptions`. */
  readonly publicUrl?: string | undefined;
  /**
   * Keeps the secret with which a provider says it will sign from now on, as Asana and Notion do; asked only where the
   * setting `awaitSecret` is `true`. Without it, or when it throws or rejects, the provider is answered `challenge_failed`.
   */
  readonly onSecret?: ((source: string, secret: string) => void | Promise<void>) | undefined;
}

export interface ReceiveOptions extends ReceiveSurroundings {
  readonly sources: Readonly<Record<string, SourceOptions>>;
  readonly inbox: Pick<Inbox, "accept" | "acceptBatch">;
  readonly limits?: ReceiveLimits;
  /** Should not throw; what it throws becomes a process warning. */
  readonly report?: (report: ReceiveReport) => void;
  /** Bodies held in memory at once, over all requests. Default 48 MiB. */
  readonly maxBufferedBytes?: number;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * The way in, cheapest refusal first: source and method, declared encoding and size, address, client's limit, body,
 * signature, source's limit, and then the one atomic step that deduplicates and enqueues. A receipt `accepted` or
 * `duplicate` is given only when the event is durable. Never rejects.
 *
 * @throws TypeError for a source, range or URL that is none.
 */
export function createReceive(options: ReceiveOptions): Receive {
  const { clock = Date.now, maxBufferedBytes = 48 * 1024 * 1024, limits = {}, inbox, onSecret } = options;
  const report = guardReport(options.report ?? (() => {}));
  const sources = new Map(
    Object.entries(options.sources).map(([name, source]) => [name, prepareSource(name, source)]),
  );
  const way: Way = {
    inbox,
    limits,
    clock,
    onSecret,
    readOrigin: createOriginReader(options),
    publicUrl: parsePublicUrl(options.publicUrl),
    maxBufferedBytes,
    buffered: 0,
  };
  const underWay = new Set<Promise<unknown>>();
  let stopping = false;

  const receive = async (request: ReceiveRequest): Promise<Receipt> => {
    const started = performance.now();
    const requestId = crypto.randomUUID();
    const source = sources.get(request.source);
    const passage = source === undefined || stopping ? undefined : enter(way, source, request);
    const passing =
      passage === undefined
        ? Promise.resolve(refuse(stopping ? "shutting_down" : "source_not_found"))
        : pass(passage);
    underWay.add(passing);
    const outcome = await passing;
    underWay.delete(passing);
    const receipt = toReceipt(requestId, outcome);
    report(
      describe(request, outcome, {
        requestId,
        provider: source?.provider,
        remoteAddress: passage === undefined ? request.remoteAddress : passage.address,
        status: statusOf(receipt),
        durationMs: performance.now() - started,
      }),
    );
    return receipt;
  };
  const stop = async () => {
    stopping = true;
    await Promise.allSettled(underWay);
  };
  return Object.assign(receive, { stop });
}

type Surroundings = Pick<ReceiveReport, "requestId" | "provider" | "remoteAddress" | "status" | "durationMs">;

/** One object, written out: every request has one, and copies of parts of it would cost more than it does. */
function describe(request: ReceiveRequest, outcome: Outcome, around: Surroundings): ReceiveReport {
  return {
    requestId: around.requestId,
    source: request.source,
    provider: around.provider,
    method: request.method,
    remoteAddress: around.remoteAddress,
    outcome: outcome.kind === "refused" ? outcome.code : outcome.kind,
    unverified: outcome.unverified,
    eventId: outcome.eventId,
    eventType: outcome.eventType,
    bodyBytes: outcome.bodyBytes,
    items: outcome.items,
    contract: outcome.contract,
    keyIndex: outcome.keyIndex,
    covered: outcome.covered,
    hint: outcome.hint,
    error: outcome.error,
    status: around.status,
    durationMs: around.durationMs,
  };
}
