import type { RenderEvent, RenderFailure } from "../../render.ts";
import type { SplitEnvelope } from "../../render/envelope.ts";
import type { Idempotency } from "./registry.ts";
import type { AnnounceDeath } from "./settlement.ts";

export interface Outbox {
  /**
   * Keeps events and one delivery for every endpoint that takes them. An id that is already kept is a `duplicate` when
   * its digest is the same and a conflict otherwise; with one refusal nothing of the call is kept. Calls that arrive
   * together share a commit. What each endpoint gets is asked of the event's `render` and kept with the delivery, so
   * that every attempt sends the same bytes; an endpoint that the event cannot be rendered for is given a dead delivery
   * with the reason. A delivery of an ordered endpoint waits while another of its key has not come to its end.
   *
   * In a `transaction` of the caller's nothing is kept before that commits, and who hears of it then is told. Rejects with
   * a `TransactionError` when the store cannot join it.
   */
  publish(
    events: readonly NewEvent[],
    nowMs: number,
    transaction?: Transaction,
  ): Promise<readonly PublishResult[]>;
  /** What other programs wrote into the `outbox` table and nobody has published or refused yet, in that order. */
  listSubmitted(limit: number): Promise<readonly Submitted[]>;
  /** Removes what was published from the `outbox` table, and keeps there why the others were refused. */
  endSubmitted(ended: EndedSubmissions): Promise<void>;
}

/**
 * A transaction of the caller's that has begun, on the database of the store. `text` has parameters `$1`, `$2`, …; values
 * are texts, numbers, `null` and Buffers. A client of `pg` is one as it is.
 */
export interface Transaction {
  query(
    text: string,
    values: readonly unknown[],
  ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

/**
 * Publishing could not join the caller's transaction. `transaction_not_supported`: the store has no transactions of others;
 * `transaction_not_usable`: it has not begun, or is on a database without the store's tables.
 */
export class TransactionError extends Error {
  readonly code: "transaction_not_supported" | "transaction_not_usable";
  constructor(code: TransactionError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TransactionError";
    this.code = code;
  }
}

export interface NewEvent {
  readonly id: string;
  /** Its id was made for it just now, so nobody can have published it before and a store need not look. Default false. */
  readonly isFresh?: boolean;
  readonly type: string;
  readonly version: string;
  readonly source: string;
  readonly subject?: string;
  readonly subscriber?: string;
  /** SHA-256 of what makes the event, so that the same id with other content is noticed. */
  readonly digest: string;
  /** The envelope around the place of its sequence, which only the store knows: see `bodyOf`. */
  readonly envelope: SplitEnvelope;
  /** What goes out to endpoints of these preferences. Pure; does not throw. */
  readonly render: RenderEvent;
  readonly idempotency?: Pick<Idempotency, "key" | "digest">;
  /** What is told of a delivery that it cannot be rendered for. */
  readonly announceDeath?: AnnounceDeath | undefined;
  /** Sent to this endpoint only, whatever types it takes. */
  readonly endpoint?: string;
}

/** What a delivery sends: the event's own bytes, or others. */
export type Rendered =
  | { readonly kind: "own" }
  | { readonly kind: "other"; readonly key: string; readonly version: string; readonly body: Uint8Array };

/** An endpoint that an event could not be rendered for. */
export interface Unrendered {
  readonly endpoint: string;
  readonly reason: RenderFailure;
  readonly error: unknown;
}

export type PublishResult =
  | {
      readonly kind: "published";
      readonly id: string;
      readonly deliveries: number;
      readonly duplicate: boolean;
      /** The endpoints that were given something to send just now, but for what was taken with the commit: see `serve`. */
      readonly endpoints: readonly string[];
      /** Those whose delivery is dead from the start. */
      readonly unrendered: readonly Unrendered[];
    }
  | { readonly kind: PublishRefusal; readonly id: string };

/** Why an event was not kept: its id or key stands for another, or nobody has the id of its subscriber. */
export type PublishRefusal = "event_id_conflict" | "idempotency_conflict" | "subscriber_not_found";

/** A row of the `outbox` table: an event as another program wrote it, which nobody has looked at yet. */
export interface Submitted {
  readonly number: number;
  readonly event: string;
  readonly type: string;
  /** Meant to be JSON. */
  readonly data: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly subject?: string;
  readonly subscriber?: string;
  readonly version?: string;
  readonly source?: string;
}

export interface EndedSubmissions {
  readonly published: readonly number[];
  readonly refused: readonly RefusedSubmission[];
  readonly nowMs: number;
}

export interface RefusedSubmission {
  readonly number: number;
  readonly code: string;
  readonly message: string;
}
