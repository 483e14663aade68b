import type { ContractFault } from "./contract-check.ts";
import type { Acknowledgement, Receipt, ReceiverResponse, RefusalCode } from "./core/receipt.ts";

/** What became of a request on its way in: its receipt, with the diagnosis. */
export type Outcome = Diagnosis & (Taken | Answered | Refusal);

export interface Taken {
  readonly kind: "accepted" | "duplicate";
  readonly eventId: string;
  readonly acknowledge?: Acknowledgement | undefined;
}

export interface Answered {
  readonly kind: "answered";
  readonly response: ReceiverResponse;
}

export interface Refusal {
  readonly kind: "refused";
  readonly code: RefusalCode;
  readonly retryAfterMs?: number | undefined;
  readonly status?: number | undefined;
  readonly allow?: string;
}

/** For the operator only. */
export interface Diagnosis {
  readonly eventId?: string | undefined;
  readonly eventType?: string | undefined;
  readonly bodyBytes?: number;
  readonly keyIndex?: number;
  /** What vouches for the body. */
  readonly covered?: "signature" | "token" | "basic" | undefined;
  /** What it would have been refused as, had its source not let everybody in. */
  readonly unverified?: RefusalCode | undefined;
  /** How many events came in one body. */
  readonly items?: number | undefined;
  /** How it does not fit its contract. */
  readonly contract?: ContractFault | undefined;
  readonly hint?: string | undefined;
  readonly error?: unknown;
}

export function refuse(code: RefusalCode, more: Diagnosis & Partial<Refusal> = {}): Diagnosis & Refusal {
  return { ...more, kind: "refused", code };
}

export function toReceipt(requestId: string, outcome: Outcome): Receipt {
  switch (outcome.kind) {
    case "accepted":
    case "duplicate":
      return { kind: outcome.kind, requestId, id: outcome.eventId, acknowledge: outcome.acknowledge };
    case "answered":
      return { kind: "answered", requestId, response: outcome.response };
    case "refused": {
      const { code, retryAfterMs, status, allow } = outcome;
      return { kind: "refused", requestId, code, status, allow, retryAfterMs };
    }
  }
}
