import type { ContractIssue } from "./contracts.ts";

export type SenderErrorCode =
  | "unknown_event_type"
  | "unknown_version"
  | "schema_violation"
  | "validation_failed"
  | "unknown_field"
  | "payload_too_large"
  | "event_id_conflict"
  | "idempotency_conflict"
  | "subscriber_not_found"
  | "endpoint_not_found"
  | "delivery_not_found"
  | "dead_letter_not_found"
  | "replay_not_found"
  | "replay_over"
  | "not_retryable"
  | "not_renderable"
  | "version_conflict"
  | "invalid_url"
  | "invalid_url_scheme"
  | "https_required"
  | "url_credentials_not_allowed"
  | "blocked_port"
  | "blocked_host"
  | "blocked_address"
  | "invalid_header"
  | "forbidden_header"
  | "invalid_secret";

/** One fault of the input; those against a contract say everything that a `ContractIssue` says. */
export type Issue = Pick<ContractIssue, "pointer" | "code" | "message"> & Partial<ContractIssue>;

/**
 * What a call was refused for. Publishing throws rather than returning a result that could be overlooked, because an
 * event that nobody noticed was refused is a lost event.
 */
export class SenderError extends Error {
  readonly code: SenderErrorCode;
  /** The single faults, where there are several or where they have a place in the input. */
  readonly issues: readonly Issue[];

  constructor(code: SenderErrorCode, message: string, options: SenderErrorOptions = {}) {
    super(message, options);
    this.name = "SenderError";
    this.code = code;
    this.issues = options.issues ?? [];
  }
}

export interface SenderErrorOptions extends ErrorOptions {
  readonly issues?: readonly Issue[];
}
