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
      readonly retryAfterMs?: number | undefined;
      /** Where the provider wants to see another than the code's. */
      readonly status?: number | undefined;
      /** The methods there are, for `method_not_allowed`. */
      readonly allow?: string | undefined;
    };

/** What a provider wants to hear when its event was taken. */
export interface Acknowledgement {
  readonly status?: number | undefined;
  /** Plain text. */
  readonly body?: string | undefined;
}

/** Why a request was refused: 4xx when the sender must change something, 5xx when we must. */
export type RefusalCode = keyof typeof refusalStatuses;

/** How a response looks, for any framework. */
export interface ReceiverResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The codes there are, and their statuses. Apart from what is said of them, which only a response needs. */
export const refusalStatuses = {
  source_not_found: 404,
  not_found: 404,
  method_not_allowed: 405,
  ip_not_allowed: 403,
  challenge_failed: 403,
  bad_request: 400,
  headers_too_large: 431,
  request_timeout: 408,
  payload_too_large: 413,
  unsupported_encoding: 415,
  signature_missing: 401,
  signature_invalid: 401,
  timestamp_out_of_tolerance: 401,
  invalid_event_id: 400,
  rate_limited: 429,
  body_already_parsed: 500,
  internal_error: 500,
  key_unavailable: 503,
  queue_unavailable: 503,
  durability_unavailable: 503,
  backpressure: 503,
  overloaded: 503,
  event_in_progress: 503,
  handler_failed: 500,
  handler_timeout: 503,
  retry_later: 503,
  unknown_version: 503,
  event_rejected: 422,
  gone: 410,
  shutting_down: 503,
} as const;

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
      return receipt.status ?? refusalStatuses[receipt.code];
  }
}
