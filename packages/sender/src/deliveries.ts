import type { Attempt, Delivery } from "./core/model.ts";
import { SenderError } from "./errors.ts";
import { renderAgain } from "./render/again.ts";
import type { DeliveryFilter, Page, Rendered, Store } from "./store.ts";
import type { Versions } from "./versions.ts";

/** What became of events. Verbs reject with a `SenderError` when they are refused. */
export interface Deliveries {
  get(id: string): Promise<Delivery>;
  /** Newest first. */
  list(page: Page & DeliveryFilter): Promise<readonly Delivery[]>;
  attempts(id: string): Promise<readonly Attempt[]>;
  /**
   * A scheduled or dead delivery is attempted now, with its whole schedule before it again. One that could not be rendered
   * is rendered now, as its endpoint wants it now; `not_renderable` says that this does not work either.
   */
  retry(id: string): Promise<Delivery>;
  /** Ends a scheduled delivery. */
  cancel(id: string): Promise<Delivery>;
}

export interface DeliveriesOptions {
  readonly store: Store;
  readonly versions: Pick<Versions, "render">;
  readonly now: () => number;
  /** Something is due for these endpoints now. */
  readonly wake: (endpoints: readonly string[]) => void;
}

export function createDeliveries({ store, versions, now, wake }: DeliveriesOptions): Deliveries {
  const get = async (id: string): Promise<Delivery> => {
    const delivery = await store.getDelivery(id);
    if (delivery === undefined) throw new SenderError("delivery_not_found", "There is no such delivery");
    return delivery;
  };
  const refuse = async (id: string, what: string): Promise<never> => {
    const { state } = await get(id);
    throw new SenderError("not_retryable", `The delivery is ${state}; ${what}`);
  };
  /** What a delivery without a version is to send. */
  const render = async ({
    event: eventId,
    endpoint: endpointId,
  }: Delivery): Promise<Rendered | undefined> => {
    const event = await store.getEvent(eventId);
    const endpoint = await store.getEndpoint(endpointId);
    if (event === undefined || endpoint === undefined) return undefined;
    const again = renderAgain(event, endpoint, await versions.render());
    if (!again.ok) throw new SenderError("not_renderable", again.message, { cause: again.error });
    return again.rendered;
  };
  return {
    get,
    list: (page) => store.listDeliveries(page),
    async attempts(id) {
      await get(id);
      return store.listAttempts(id);
    },
    async retry(id) {
      const before = await get(id);
      const rendered = before.version === undefined ? await render(before) : undefined;
      const delivery = await store.retryDelivery(id, now(), rendered);
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
