/** What became of a received request. */
export type Receipt =
  | {
      readonly kind: "accepted" | "duplicate";
      readonly requestId: string;
      /** The event's id. */
      readonly id: string;
      /** What the provider wants to be answered instead. */
      readonly acknowledge?: Acknowledgement | undefined;
    }
  | {
      /** A question of the provider's, such as whether this address is willing, was answered. */
      readonly kind: "answered";
      readonly requestId: string;
      readonly response: ReceiverResponse;
    }
  | {
      readonly kind: "refused";
      readonly requestId: string;
      readonly code: RefusalCode;
      /** When trying again makes sense; default: the code's. */
      readonly retryAfterMs?: number;
      /** Where the provider wants to see another than the code's. */
      readonly status?: number | undefined;
      /** The methods there are, for `method_not_allowed`. */
      readonly allow?: string | undefined;
    };

/** What a provider wants to hear when its event was taken. */
export interface Acknowledgement {
  readonly status?: number;
  /** Plain text. */
  readonly body?: string;
}

/** Why a request was refused: 4xx when the sender must change something, 5xx when we must. */
export type RefusalCode = keyof typeof refusals;

/** How a response looks, for any framework. */
export interface ReceiverResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Row {
  readonly status: number;
  readonly detail: string;
  /** Makes the response carry `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One row per code. The detail says what was expected; the diagnosis of a single request goes to the report only. */
export const refusals = {
  source_not_found: { status: 404, detail: "There is no source of this name." },
  not_found: { status: 404, detail: "There is nothing at this path." },
  method_not_allowed: {
    status: 405,
    detail: "Events are sent with POST.",
    headers: { allow: "POST" },
  },
  ip_not_allowed: {
    status: 403,
    detail: "This source takes no requests from that address.",
  },
  challenge_failed: {
    status: 403,
    detail: "The request asks something that cannot be answered as it is.",
  },
  bad_request: { status: 400, detail: "The request is not valid HTTP." },
  headers_too_large: {
    status: 431,
    detail: "The headers are larger than 16 KiB, or more than 64.",
    headers: { connection: "close" },
  },
  request_timeout: {
    status: 408,
    detail: "The request did not arrive completely in time.",
    headers: { connection: "close" },
  },
  payload_too_large: {
    status: 413,
    detail: "The body is larger than this source takes.",
    // What is still to come is not read.
    headers: { connection: "close" },
  },
  unsupported_encoding: {
    status: 415,
    detail: "The body must be sent without Content-Encoding.",
    headers: { "accept-encoding": "identity" },
  },
  signature_missing: {
    status: 401,
    detail: "A header of the signature is missing.",
  },
  signature_invalid: {
    status: 401,
    detail: "The signature does not fit the request and the keys of this source.",
  },
  timestamp_out_of_tolerance: {
    status: 401,
    detail: "The request was signed too long ago, or in the future.",
  },
  invalid_event_id: {
    status: 400,
    detail: "The event id must be 1 to 128 letters, digits or _ - : / = + @.",
  },
  rate_limited: {
    status: 429,
    detail: "Too many requests; try again later.",
    retryAfterSeconds: 1,
  },
  body_already_parsed: {
    status: 500,
    detail: "The application parsed the body before its signature was checked; its warnings say more.",
  },
  internal_error: { status: 500, detail: "The request could not be handled." },
  key_unavailable: {
    status: 503,
    detail: "No key is available to check the signature with.",
    retryAfterSeconds: 60,
  },
  queue_unavailable: {
    status: 503,
    detail: "The event could not be stored; send it again.",
    retryAfterSeconds: 2,
  },
  durability_unavailable: {
    status: 503,
    detail: "The event could not be replicated as demanded; send it again.",
    retryAfterSeconds: 2,
  },
  backpressure: {
    status: 503,
    detail: "Too many events of this source are waiting; send it again later.",
    retryAfterSeconds: 30,
  },
  overloaded: {
    status: 503,
    detail: "Too many requests are being received at once; send it again.",
    retryAfterSeconds: 2,
  },
  event_in_progress: {
    status: 503,
    detail: "The event is being handled; send it again later.",
    retryAfterSeconds: 5,
  },
  handler_failed: {
    status: 500,
    detail: "The event could not be handled; send it again.",
  },
  handler_timeout: {
    status: 503,
    detail: "Handling takes longer than a response can wait; send it again later.",
    retryAfterSeconds: 60,
  },
  retry_later: {
    status: 503,
    detail: "The event cannot be handled now; send it again later.",
    retryAfterSeconds: 60,
  },
  unknown_version: {
    status: 503,
    detail: "The event's version is not known yet; send it again later.",
    retryAfterSeconds: 3_600,
  },
  event_rejected: {
    status: 422,
    detail: "The event does not fit its contract.",
    headers: { "webhook-retry": "no" },
  },
  gone: {
    status: 410,
    detail: "These events are not wanted any more.",
  },
  shutting_down: {
    status: 503,
    detail: "This process is about to end; send it again.",
    retryAfterSeconds: 1,
    headers: { connection: "close" },
  },
} as const satisfies Record<string, Row>;

/** The HTTP response that tells a sender what became of its request: 202, 200, or problem+json (RFC 9457). */
export function respond(receipt: Receipt): ReceiverResponse {
  switch (receipt.kind) {
    case "accepted":
    case "duplicate":
      return confirm(receipt);
    case "answered":
      return receipt.response;
    case "refused":
      return explain(receipt);
  }
}

type Taken = Extract<Receipt, { readonly id: string }>;

function confirm(receipt: Taken): ReceiverResponse {
  const { kind, id, acknowledge } = receipt;
  const status = statusOf(receipt);
  if (acknowledge === undefined) {
    const body = `{"id":${JSON.stringify(id)},"duplicate":${kind === "duplicate"}}`;
    return { status, headers: jsonHeaders, body };
  }
  const { body = "" } = acknowledge;
  return { status, headers: body === "" ? emptyHeaders : textHeaders, body };
}

function explain(receipt: Extract<Receipt, { readonly kind: "refused" }>): ReceiverResponse {
  const { code, requestId, retryAfterMs, allow } = receipt;
  const row: Row = refusals[code];
  const retryAfter = retryAfterMs === undefined ? row.retryAfterSeconds : Math.ceil(retryAfterMs / 1_000);
  const { detail } = row;
  const status = statusOf(receipt);
  return {
    status,
    headers: {
      ...problemHeaders,
      ...row.headers,
      ...(allow === undefined ? {} : { allow }),
      ...(retryAfter === undefined ? {} : { "retry-after": String(Math.max(1, retryAfter)) }),
    },
    body: JSON.stringify({
      type: `urn:hooks:problem:${code}`,
      title: titleOf(code),
      status,
      detail,
      code,
      requestId,
    }),
  };
}

const emptyHeaders = { "cache-control": "no-store" };

const textHeaders = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

/** `queue_unavailable` -> `Queue unavailable`. */
function titleOf(code: RefusalCode): string {
  return code.charAt(0).toUpperCase() + code.slice(1).replaceAll("_", " ");
}

const jsonHeaders = { "content-type": "application/json", "cache-control": "no-store" };

const problemHeaders = { "content-type": "application/problem+json", "cache-control": "no-store" };

/** The status a receipt is answered with. */
export function statusOf(receipt: Receipt): number {
  switch (receipt.kind) {
    case "accepted":
    case "duplicate":
      if (receipt.acknowledge !== undefined) return receipt.acknowledge.status ?? 200;
      return receipt.kind === "accepted" ? 202 : 200;
    case "answered":
      return receipt.response.status;
    case "refused":
      return receipt.status ?? refusals[receipt.code].status;
  }
}
