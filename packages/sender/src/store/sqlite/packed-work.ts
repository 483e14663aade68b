import type { Attempt } from "../../core/model.ts";
import type { Batch, Settlement, SettleRequest, TakenDelivery } from "../../store.ts";
import { toColumns, toRows, type Columns, type Members } from "./columns.ts";

/** A batch as a thread sends it. */
export interface PackedBatch extends Omit<Batch, "deliveries"> {
  readonly deliveries: Columns<TakenDelivery>;
}

/** What came of attempts, as it is sent to a thread: without bodies, which nobody needs there. */
export interface PackedSettleRequest extends Omit<SettleRequest, "settlements"> {
  readonly deliveries: Columns<TakenDelivery>;
  readonly attempts: Columns<Attempt>;
  readonly others: Columns<Other>;
}

type Other = Omit<Settlement, "delivery" | "attempt">;

const deliveryMembers: Members<TakenDelivery> = {
  id: true,
  shard: true,
  epoch: true,
  endpoint: true,
  subscriber: true,
  event: true,
  fault: true,
  rendition: true,
  dueMs: true,
  orderKey: true,
  attempts: true,
  scheduleStep: true,
  createdAtMs: true,
};

const attemptMembers: Members<Attempt> = {
  delivery: true,
  number: true,
  startedAtMs: true,
  durationMs: true,
  outcome: true,
  status: true,
  response: true,
};

const otherMembers: Members<Other> = { next: true, disableEndpoint: true, announcements: true };

export function packBatch({ deliveries, ...batch }: Batch): PackedBatch {
  return { ...batch, deliveries: toColumns(deliveries, deliveryMembers) };
}

export function unpackBatch({ deliveries, ...batch }: PackedBatch): Batch {
  return { ...batch, deliveries: toRows(deliveries) };
}

const NO_BODY = new Uint8Array();
/** The same for all that are, so that it is sent once. */
const DELIVERED: Settlement["next"] = { state: "delivered" };

export function packSettle({ settlements, ...request }: SettleRequest): PackedSettleRequest {
  // An object that several have in common is cloned once.
  const events = new Map<string, TakenDelivery["event"]>();
  const deliveries = settlements.map(({ delivery }) => {
    const event = events.get(delivery.event.id) ?? { ...delivery.event, body: NO_BODY };
    events.set(event.id, event);
    return { ...delivery, event };
  });
  const others = settlements.map(({ delivery: _, attempt: _attempt, next, ...other }) => ({
    ...other,
    next: next.state === "delivered" ? DELIVERED : next,
  }));
  return {
    ...request,
    deliveries: toColumns(deliveries, deliveryMembers),
    attempts: toColumns(
      settlements.map(({ attempt }) => attempt),
      attemptMembers,
    ),
    others: toColumns(others, otherMembers),
  };
}

export function unpackSettle(packed: PackedSettleRequest): SettleRequest {
  const { deliveries, attempts, others, ...request } = packed;
  const [deliveryRows, attemptRows] = [toRows(deliveries), toRows(attempts)];
  return {
    ...request,
    settlements: toRows(others).map((other, index) => ({
      ...other,
      // As many of each as there were settlements.
      delivery: deliveryRows[index] as TakenDelivery,
      attempt: attemptRows[index] as Attempt,
    })),
  };
}
