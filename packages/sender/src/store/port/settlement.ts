import type { Attempt, Delivery, Endpoint, NextStep } from "../../core/model.ts";
import type { EndpointHealth } from "../../core/endpoint-health.ts";
import type { OwnedShard, TakenDelivery } from "./work.ts";

export interface SettleRequest {
  readonly settlements: readonly Settlement[];
  /** At most one of an endpoint. */
  readonly health: readonly HealthChange[];
  /** Batches of which nothing is in flight after this; their journal rows are removed. */
  readonly finishedBatches: readonly number[];
  readonly nowMs: number;
}

export interface Settlement {
  readonly delivery: TakenDelivery;
  readonly attempt: Attempt;
  readonly next: NextStep;
  /** The endpoint is to be disabled for this reason. */
  readonly disableEndpoint?: string;
  /** What is to be told of it. Written into the `outbox` table, together with the settlement and where it counts. */
  readonly announcements?: readonly SettlementAnnouncement[];
}

/** An event that is published because of what became of something else. */
export interface Announcement {
  /** Of the event. */
  readonly id: string;
  readonly type: string;
  readonly subscriber: string;
  readonly data: unknown;
}

export interface SettlementAnnouncement extends Announcement {
  /** Told where the settlement counts, where its delivery has died of it, or where it has disabled its endpoint. */
  readonly on: "settled" | "dead" | "disabled";
}

/** A delivery that was given up without a settlement that says so. */
export interface Death {
  readonly delivery: Pick<Delivery, "id" | "event" | "eventType">;
  readonly reason: string;
  /** Its last one; absent where it could not be rendered. */
  readonly attempt?: Pick<Attempt, "number" | "outcome" | "status">;
  readonly endpoint: Pick<Endpoint, "id" | "subscriber" | "url">;
  readonly nowMs: number;
}

/** What is to be told of a death; written into the `outbox` table together with it. Does not throw. */
export type AnnounceDeath = (death: Death) => Announcement | undefined;

/** An endpoint that has failed lately. */
export interface HealthRecord {
  readonly endpoint: string;
  readonly health: EndpointHealth;
}

export interface HealthChange extends OwnedShard {
  readonly endpoint: string;
  /** Undefined when nothing is to be remembered any more. */
  readonly health: EndpointHealth | undefined;
}
