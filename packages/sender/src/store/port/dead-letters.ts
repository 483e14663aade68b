import type { Delivery } from "../../core/model.ts";
import type { Page } from "./page.ts";

export interface DeadLetters {
  /** Deliveries that were given up, newest first by when their events were published. Costs as much as there are dead ones. */
  listDeadLetters(page: Page & DeadLetterFilter): Promise<readonly Delivery[]>;
  /** What a delivery sends, or has sent; undefined where its event could not be rendered for it, and where there is none. */
  getSent(delivery: string): Promise<Sent | undefined>;
}

export interface DeadLetterFilter {
  readonly event?: string;
  readonly endpoint?: string;
  readonly subscriber?: string;
  /** Of the event, exactly. */
  readonly eventType?: string;
  /** Of events that were published at this time or later. */
  readonly fromMs?: number;
  /** Of events that were published before this time. */
  readonly toMs?: number;
}

export interface Sent {
  readonly version: string;
  readonly body: Uint8Array;
}
