import type { Attempt, Delivery, DeliveryState, EventRecord } from "../../core/model.ts";
import type { Rendered } from "./outbox.ts";
import type { Page } from "./page.ts";

export interface Records {
  getEvent(id: string): Promise<EventRecord | undefined>;
  /** In descending order of their ids: newest first, as far as ids were made and not chosen. */
  listEvents(page: Page & { readonly type?: string }): Promise<readonly EventRecord[]>;
  getDelivery(id: string): Promise<Delivery | undefined>;
  /** Newest first. */
  listDeliveries(page: Page & DeliveryFilter): Promise<readonly Delivery[]>;
  /** In order of their numbers. */
  listAttempts(delivery: string): Promise<readonly Attempt[]>;
  /**
   * Makes a scheduled or dead delivery due at once, with its whole schedule before it again. One that could not be
   * rendered needs what it is to send now. In an ordered endpoint a dead one goes back to its old place: it is due as soon
   * as what is being sent of its key has come to its end.
   */
  retryDelivery(id: string, nowMs: number, rendered?: Rendered): Promise<Delivery | undefined>;
  /** Ends a scheduled delivery. */
  cancelDelivery(id: string, nowMs: number): Promise<Delivery | undefined>;
}

export interface DeliveryFilter {
  readonly event?: string;
  readonly endpoint?: string;
  readonly state?: DeliveryState;
}
