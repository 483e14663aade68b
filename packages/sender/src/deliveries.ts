import type { Attempt, Delivery } from "./core/model.ts";
import { SenderError } from "./errors.ts";
import { inputOf, type RenderFailure } from "./render.ts";
import { bodyOf } from "./render/envelope.ts";
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

const NOT_RENDERABLE: Readonly<Record<RenderFailure, string>> = {
  version_unavailable: "The contracts have no way to the version that the endpoint is pinned to",
  migration_failed: "The migration to the version that the endpoint is pinned to failed",
  rendition_invalid: "What the migration made does not fit the contract that the endpoint is pinned to",
};

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
    const rendition = (await versions.render())(inputOf(event))(endpoint);
    switch (rendition.kind) {
      case "own":
        return rendition;
      case "other": {
        const { kind, key, version, envelope } = rendition;
        return { kind, key, version, body: bodyOf(envelope, event.sequence) };
      }
      case "withheld":
        throw new SenderError("not_renderable", "The endpoint has not the feature flags of the event");
      case "failed":
        throw new SenderError("not_renderable", NOT_RENDERABLE[rendition.reason], { cause: rendition.error });
    }
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
