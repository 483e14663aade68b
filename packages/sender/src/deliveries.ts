import type { Attempt, Delivery } from "./core/model.ts";
import { SenderError } from "./errors.ts";
import type { DeliveryFilter, Page, Store } from "./store.ts";

/** What became of events. Verbs reject with a `SenderError` when they are refused. */
export interface Deliveries {
  get(id: string): Promise<Delivery>;
  /** Newest first. */
  list(page: Page & DeliveryFilter): Promise<readonly Delivery[]>;
  attempts(id: string): Promise<readonly Attempt[]>;
  /** A scheduled or dead delivery is attempted now, with its whole schedule before it again. */
  retry(id: string): Promise<Delivery>;
  /** Ends a scheduled delivery. */
  cancel(id: string): Promise<Delivery>;
}

export interface DeliveriesOptions {
  readonly store: Store;
  readonly now: () => number;
  /** Something is due for these endpoints now. */
  readonly wake: (endpoints: readonly string[]) => void;
}

export function createDeliveries({ store, now, wake }: DeliveriesOptions): Deliveries {
  const get = async (id: string): Promise<Delivery> => {
    const delivery = await store.getDelivery(id);
    if (delivery === undefined) throw new SenderError("delivery_not_found", "There is no such delivery");
    return delivery;
  };
  const refuse = async (id: string, what: string): Promise<never> => {
    const { state } = await get(id);
    throw new SenderError("not_retryable", `The delivery is ${state}; ${what}`);
  };
  return {
    get,
    list: (page) => store.listDeliveries(page),
    async attempts(id) {
      await get(id);
      return store.listAttempts(id);
    },
    async retry(id) {
      const delivery = await store.retryDelivery(id, now());
      if (delivery === undefined)
        return refuse(id, "only a scheduled or dead one of an existing endpoint can be retried");
      wake([delivery.endpoint]);
      return delivery;
    },
    async cancel(id) {
      return (await store.cancelDelivery(id, now())) ?? refuse(id, "only a scheduled one can be cancelled");
    },
  };
}
