import type { SenderErrorCode } from "@hooks/sender";

interface Row {
  readonly status: number;
  readonly title: string;
}

type ApiCode =
  | "invalid_request"
  | "request_timeout"
  | "headers_too_large"
  | "not_found"
  | "method_not_allowed"
  | "unsupported_media_type"
  | "unsupported_encoding"
  | "invalid_encoding"
  | "invalid_json"
  | "json_too_deep"
  | "unknown_field"
  | "invalid_query"
  | "invalid_cursor"
  | "invalid_idempotency_key"
  | "unauthorized"
  | "rate_limited"
  | "event_not_found"
  | "event_type_not_found"
  | "version_not_found"
  | "shutting_down"
  | "storage_unavailable"
  | "internal_error";

export type ProblemCode = SenderErrorCode | ApiCode;

/** Every error that a caller can see, one row a code. */
export const problems: Readonly<Record<ProblemCode, Row>> = {
  invalid_request: { status: 400, title: "The request is not HTTP that can be read" },
  invalid_encoding: { status: 400, title: "The body is not UTF-8" },
  invalid_json: { status: 400, title: "The body is not JSON" },
  json_too_deep: { status: 400, title: "The JSON is nested too deeply or has too many members" },
  unknown_field: { status: 400, title: "The body has a member that does not exist" },
  validation_failed: { status: 400, title: "A member of the request is not as expected" },
  invalid_query: { status: 400, title: "The query is not as expected" },
  invalid_cursor: { status: 400, title: "The cursor is not one of this list" },
  invalid_idempotency_key: { status: 400, title: "The Idempotency-Key cannot be used" },
  unauthorized: { status: 401, title: "A valid API key is required" },
  not_found: { status: 404, title: "There is nothing at this path" },
  subscriber_not_found: { status: 404, title: "There is no such subscriber" },
  endpoint_not_found: { status: 404, title: "There is no such endpoint" },
  event_not_found: { status: 404, title: "There is no such event" },
  delivery_not_found: { status: 404, title: "There is no such delivery" },
  dead_letter_not_found: { status: 404, title: "There is no such dead letter" },
  replay_not_found: { status: 404, title: "There is no such replay" },
  event_type_not_found: { status: 404, title: "There is no such event type" },
  version_not_found: { status: 404, title: "The event type has no such version" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  request_timeout: { status: 408, title: "The request took too long to arrive" },
  event_id_conflict: { status: 409, title: "The event id belongs to another event" },
  idempotency_conflict: { status: 409, title: "The Idempotency-Key was used for another request" },
  not_retryable: { status: 409, title: "The delivery is in a state that does not allow this" },
  replay_over: { status: 409, title: "The replay is over" },
  not_renderable: { status: 409, title: "The event cannot be converted to what the endpoint gets" },
  version_conflict: { status: 412, title: "It was changed meanwhile" },
  payload_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be application/json" },
  unsupported_encoding: { status: 415, title: "The body must not be compressed" },
  unknown_event_type: { status: 422, title: "There is no contract for the event type" },
  unknown_version: { status: 422, title: "The contract has no such version" },
  schema_violation: { status: 422, title: "The data does not fit its contract" },
  invalid_url: { status: 422, title: "The URL cannot be used" },
  invalid_url_scheme: { status: 422, title: "The URL has a scheme that cannot be used" },
  https_required: { status: 422, title: "The URL must be https" },
  url_credentials_not_allowed: { status: 422, title: "The URL must not contain credentials" },
  blocked_port: { status: 422, title: "The port is not allowed" },
  blocked_host: { status: 422, title: "The host is not allowed" },
  blocked_address: { status: 422, title: "The address is not allowed" },
  invalid_header: { status: 422, title: "A custom header cannot be sent" },
  forbidden_header: { status: 422, title: "A custom header must not be set" },
  invalid_secret: { status: 422, title: "The secret cannot be used" },
  rate_limited: { status: 429, title: "Too many requests" },
  headers_too_large: { status: 431, title: "The request's headers are too large" },
  internal_error: { status: 500, title: "Something went wrong on our side" },
  storage_unavailable: { status: 503, title: "The store is unavailable; nothing was kept" },
  shutting_down: { status: 503, title: "The process is shutting down" },
};

/** One fault at a place of the request's body; `pointer` is RFC 6901. */
export interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  readonly expected?: string;
  readonly received?: string;
}

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly requestId: string;
  readonly errors?: readonly Fault[];
}

export interface RefusalOptions {
  readonly errors?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is answered with a problem. Only the outermost layer catches it, so no refusal is half handled. */
export class Refusal extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly Fault[];
  /** To be sent with the problem. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, { errors = [], headers = {} }: RefusalOptions = {}) {
    super(detail);
    this.name = "Refusal";
    this.code = code;
    this.errors = errors;
    this.headers = headers;
  }
}

/** The body of a refusal's answer. */
export function problemOf({ code, message, errors }: Refusal, requestId: string): Problem {
  const { status, title } = problems[code];
  return {
    type: `urn:hooks:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    requestId,
    ...(errors.length === 0 ? {} : { errors }),
  };
}
