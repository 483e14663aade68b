import {
  type Receipt,
  type ReceiverResponse,
  type RefusalCode,
  refusalStatuses,
  statusOf,
} from "./receipt.ts";

interface Explanation {
  readonly detail: string;
  /** Makes the response carry `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is still to come is not read. */
const ending = { headers: { connection: "close" } } as const;

/** One row per code. The detail says what was expected; the diagnosis of a single request goes to the report only. */
const explanations = {
  source_not_found: { detail: "There is no source of this name." },
  not_found: { detail: "There is nothing at this path." },
  method_not_allowed: { detail: "Events are sent with POST.", headers: { allow: "POST" } },
  ip_not_allowed: { detail: "This source takes no requests from that address." },
  challenge_failed: { detail: "The request asks something that cannot be answered as it is." },
  bad_request: { detail: "The request is not valid HTTP." },
  headers_too_large: { detail: "The headers are larger than 16 KiB, or more than 64.", ...ending },
  request_timeout: { detail: "The request did not arrive completely in time.", ...ending },
  payload_too_large: { detail: "The body is larger than this source takes.", ...ending },
  unsupported_encoding: {
    detail: "The body must be sent without Content-Encoding.",
    headers: { "accept-encoding": "identity" },
  },
  signature_missing: { detail: "A header of the signature is missing." },
  signature_invalid: { detail: "The signature does not fit the request and the keys of this source." },
  timestamp_out_of_tolerance: { detail: "The request was signed too long ago, or in the future." },
  invalid_event_id: { detail: "The event id must be 1 to 128 letters, digits or _ - : / = + @." },
  rate_limited: { detail: "Too many requests; try again later.", retryAfterSeconds: 1 },
  body_already_parsed: {
    detail: "The application parsed the body before its signature was checked; its warnings say more.",
  },
  internal_error: { detail: "The request could not be handled." },
  key_unavailable: { detail: "No key is available to check the signature with.", retryAfterSeconds: 60 },
  queue_unavailable: { detail: "The event could not be stored; send it again.", retryAfterSeconds: 2 },
  durability_unavailable: {
    detail: "The event could not be kept as safely as demanded; send it again.",
    retryAfterSeconds: 2,
  },
  backpressure: {
    detail: "Too many events of this source are waiting; send it again later.",
    retryAfterSeconds: 30,
  },
  overloaded: {
    detail: "Too many requests are being received at once; send it again.",
    retryAfterSeconds: 2,
  },
  event_in_progress: { detail: "The event is being handled; send it again later.", retryAfterSeconds: 5 },
  handler_failed: { detail: "The event could not be handled; send it again." },
  handler_timeout: {
    detail: "Handling takes longer than a response can wait; send it again later.",
    retryAfterSeconds: 60,
  },
  retry_later: { detail: "The event cannot be handled now; send it again later.", retryAfterSeconds: 60 },
  unknown_version: {
    detail: "The event's version is not known yet; send it again later.",
    retryAfterSeconds: 3_600,
  },
  event_rejected: { detail: "The event does not fit its contract.", headers: { "webhook-retry": "no" } },
  gone: { detail: "These events are not wanted any more." },
  shutting_down: { detail: "This process is about to end; send it again.", retryAfterSeconds: 1, ...ending },
} as const satisfies Record<RefusalCode, Explanation>;

type Explanations = typeof explanations;

type Refusals = {
  readonly [Code in RefusalCode]: { readonly status: (typeof refusalStatuses)[Code] } & Explanations[Code];
};

/** What a sender is told for each code. Marked as pure: a bundle that only responds leaves it out. */
export const refusals: Refusals = /* @__PURE__ */ joinTables();

function joinTables(): Refusals {
  const rows = Object.entries(refusalStatuses).map(([code, status]) => [
    code,
    // Its codes are those of the other table, as `satisfies` says above.
    { status, ...explanations[code as RefusalCode] },
  ]);
  return Object.fromEntries(rows) as Refusals;
}

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
  const row: Explanation = explanations[code];
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
