/**
 * Why a request was refused. The set is closed: switch over it without a `default`.
 *
 * - `missing_header`: a header of the scheme is not there.
 * - `malformed_header`: a header is there, but not exactly once or not in the form the specification gives it.
 * - `unknown_scheme`: no signature of a scheme that any configured key belongs to.
 * - `timestamp_too_old`, `timestamp_in_future`: outside the tolerance.
 * - `no_matching_key`: well-formed, but no configured key made any of the signatures.
 * - `body_already_parsed`: the body is not the bytes that came over the wire.
 * - `key_unavailable`: there is no key to verify with; the request may be genuine, so ask for it again (503).
 */
export type Reason =
  | "missing_header"
  | "malformed_header"
  | "unknown_scheme"
  | "timestamp_too_old"
  | "timestamp_in_future"
  | "no_matching_key"
  | "body_already_parsed"
  | "key_unavailable";

/** A refused request. `hint` is one sentence for the receiver's log: no secret, signature or payload is in it. */
export interface Refusal {
  readonly ok: false;
  readonly reason: Reason;
  readonly hint: string;
}

/** Makes a refusal. */
export function refuse(reason: Reason, hint: string): Refusal {
  return { ok: false, reason, hint };
}
