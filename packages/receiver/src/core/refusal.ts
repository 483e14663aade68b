import { headerValue, type RequestHeaders } from "./headers.ts";
import type { RefusalCode } from "./receipt.ts";

/** What a sender is told for each reason a verification gives. */
const codes = {
  missing_header: "signature_missing",
  malformed_header: "signature_invalid",
  unknown_scheme: "signature_invalid",
  no_matching_key: "signature_invalid",
  timestamp_too_old: "timestamp_out_of_tolerance",
  timestamp_in_future: "timestamp_out_of_tolerance",
  body_already_parsed: "body_already_parsed",
  key_unavailable: "key_unavailable",
} as const satisfies Record<string, RefusalCode>;

export type VerificationReason = keyof typeof codes;

/** What Standard Webhooks allows as an event's id. */
export const eventIdForm = /^[A-Za-z0-9_:/=+@-]{1,128}$/;

/** The code for a failed verification. `idHeader` is the header of the event id, where a wrong one refuses the request. */
export function verificationRefusal(
  reason: VerificationReason,
  headers: RequestHeaders,
  idHeader: string | undefined,
): RefusalCode {
  if (reason !== "malformed_header" || idHeader === undefined) return codes[reason];
  const id = headerValue(headers, idHeader);
  return id !== undefined && !eventIdForm.test(id) ? "invalid_event_id" : codes[reason];
}
