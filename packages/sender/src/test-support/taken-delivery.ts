import type { TakenDelivery } from "../store.ts";

/** A delivery before its first attempt, as a worker takes it. */
export const takenDelivery = (id: string, endpoint = "ep_1"): TakenDelivery => ({
  id,
  shard: 0,
  epoch: 1,
  endpoint,
  subscriber: "sub_1",
  event: { id: "evt_1", type: "invoice.paid", version: "1.0.0", body: new Uint8Array() },
  dueMs: 0,
  attempts: 0,
  scheduleStep: 0,
  createdAtMs: 0,
});
