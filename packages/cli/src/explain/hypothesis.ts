import type { Attempt } from "./attempt.ts";

/** What can be wrong with a request that is refused. The set is closed. */
export type Cause =
  | "clock_skew"
  | "secret_encoding"
  | "wrong_secret"
  | "json_reserialised"
  | "trailing_newline"
  | "line_endings"
  | "byte_order_mark"
  | "content_encoding"
  | "charset"
  | "bytes_lost"
  | "body_wrapped"
  | "header_missing"
  | "header_changed"
  | "wrong_header"
  | "other_provider"
  | "url_changed"
  | "url_missing"
  | "setting_missing"
  /** Nothing could be verified with what was given, or the provider's key could not be fetched. */
  | "key_unavailable";

/** Something that may have happened, and the request as it would be if it had not. */
export interface Hypothesis {
  readonly cause: Cause;
  /** One sentence; no secret and no signature is in it. */
  readonly detail: string;
  readonly attempt: Attempt;
}

export type Hypothesise = (attempt: Attempt) => Iterable<Hypothesis>;
