import type { Endpoint, Subscriber } from "../../core/model.ts";
import type { Page } from "./page.ts";
import type { Announcement } from "./settlement.ts";

export interface Registry {
  addSubscriber(subscriber: Subscriber, idempotency?: Idempotency): Promise<Added<Subscriber>>;
  getSubscriber(id: string): Promise<Subscriber | undefined>;
  listSubscribers(page: Page): Promise<readonly Subscriber[]>;
  addEndpoint(endpoint: Endpoint, idempotency?: Idempotency): Promise<Added<Endpoint>>;
  getEndpoint(id: string): Promise<Endpoint | undefined>;
  listEndpoints(page: Page & { readonly subscriber?: string }): Promise<readonly Endpoint[]>;
  /** Remembers the major of each type that was not known yet, and gives those of all types, known or new. */
  introduce(majors: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>;
  /**
   * Replaces the endpoint whose revision is one less. False when it has changed in between or is gone. Without an order,
   * nothing of it waits for another any more; another order goes for what is published from then on. The announcement is
   * written into the `outbox` table together with the change.
   */
  changeEndpoint(endpoint: Endpoint, announcement?: Announcement): Promise<boolean>;
  /**
   * Removes an endpoint and cancels its scheduled deliveries: at once for who looks for what is due, in the end for all,
   * also after a crash. False when there is none.
   */
  removeEndpoint(id: string, nowMs: number): Promise<boolean>;
}

export interface Idempotency {
  readonly key: string;
  readonly digest: string;
  readonly nowMs: number;
}

/** How long a key stands for what was made under it. */
export const IDEMPOTENCY_MS = 24 * 60 * 60 * 1_000;

/** `added` is the resource itself or, for a key that was used before with the same digest, the one from then. */
export type Added<T> =
  | { readonly ok: true; readonly added: T }
  | { readonly ok: false; readonly code: "idempotency_conflict" };
