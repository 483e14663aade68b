import type { Ordering } from "./ordering.ts";
import type { Preferences } from "./preferences.ts";
import type { RateLimit } from "./rate-limit.ts";

/** An account that owns endpoints. */
export interface Subscriber {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
}

export type EndpointState = "active" | "paused" | "disabled";

export interface EndpointSecret {
  /** `whsec_…` or `whsk_…`. */
  readonly value: string;
  readonly createdAtMs: number;
  /** Set on rotation: the old secret goes on signing until then. */
  readonly expiresAtMs?: number;
}

/** PEM: what an endpoint that asks for it is shown (mutual TLS). */
export interface ClientCertificate {
  /** Its own certificate, then those of its issuers, if any. */
  readonly certificate: string;
  /** Secret. Without a passphrase. */
  readonly key: string;
}

/** Where deliveries go. While it is not `active`, its deliveries are held, not lost. */
export interface Endpoint extends Preferences {
  readonly id: string;
  readonly subscriber: string;
  readonly url: string;
  readonly description: string;
  /** Exact types, `resource.*`, or empty for all. */
  readonly eventTypes: readonly string[];
  /** Custom headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Newest first. Never empty. */
  readonly secrets: readonly EndpointSecret[];
  readonly state: EndpointState;
  /** Why it is `disabled`; absent otherwise. */
  readonly disabledReason?: string;
  /** Milliseconds before each attempt, the first 0; absent for the sender's default schedule. */
  readonly schedule?: readonly number[];
  readonly ordering: Ordering;
  /** How many requests it wants at the most; absent for no limit. */
  readonly rateLimit?: RateLimit;
  /** Proves who sends; absent where nobody asks. */
  readonly clientCertificate?: ClientCertificate;
  /** When it was last made active by hand: failures of before do not count. */
  readonly enabledAtMs?: number;
  /** Counts changes; the ETag of the endpoint. */
  readonly revision: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Something that happened; immutable. `body` is its envelope in the version that it was published in. */
export interface EventRecord {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  readonly source: string;
  readonly subject?: string;
  readonly sequence?: number;
  /** Set when the event is for one subscriber only. */
  readonly subscriber?: string;
  readonly publishedAtMs: number;
  readonly body: Uint8Array;
}

export type DeliveryState = "scheduled" | "delivered" | "dead" | "cancelled";

/** One event to one endpoint. There is no "sending" state: being sent is a lease, and a lease ends by itself. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly eventType: string;
  readonly endpoint: string;
  readonly subscriber: string;
  /** What the endpoint gets; absent when it could not be made, and the delivery died of it. */
  readonly version?: string;
  readonly state: DeliveryState;
  /** Attempts made so far, interrupted ones included. */
  readonly attempts: number;
  readonly createdAtMs: number;
  /** When the next attempt is due; only while `scheduled`, and not while another goes first (see `Ordering`). */
  readonly dueMs?: number;
  /** When it came to its end; only when it did. */
  readonly finishedAtMs?: number;
  /** Why it is `dead` or `cancelled`. */
  readonly reason?: string;
}

/**
 * What an attempt came to, as it is recorded. `http_status` is an answer outside 2xx, `gone` a 410, `refused` an answer
 * outside 2xx that asks for no other attempt (`webhook-retry: no`); with `secret_unavailable` nothing was sent, because it could not be signed, and with
 * `payload_unavailable`, because what is kept could not be decrypted; `interrupted` is one whose process died, and
 * `internal_error` one in which the sender itself, or its transport, threw.
 */
export type AttemptOutcome =
  | "delivered"
  | "http_status"
  | "gone"
  | "refused"
  | "timeout"
  | "dns_error"
  | "connect_error"
  | "tls_error"
  | "reset"
  | "response_invalid"
  | "blocked_address"
  | "invalid_url"
  | "secret_unavailable"
  | "payload_unavailable"
  | "internal_error"
  | "interrupted";

/** One HTTP request of a delivery, numbered from 1. */
export interface Attempt {
  readonly delivery: string;
  readonly number: number;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** The beginning of the answer's body, as text. */
  readonly response?: string;
}

/** What becomes of a delivery after an attempt. */
export type NextStep =
  | { readonly state: "delivered" }
  | { readonly state: "dead"; readonly reason: string }
  | { readonly state: "scheduled"; readonly dueMs: number };
