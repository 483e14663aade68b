import type { Subscriber } from "./core/model.ts";
import type { CallOptions } from "./endpoints.ts";
import { SenderError } from "./errors.ts";
import type { Ids } from "./ids.ts";
import type { Page, Store } from "./store.ts";

/** The accounts that own endpoints. Verbs reject with a `SenderError` when they are refused. */
export interface Subscribers {
  /** `name`: 1 to 256 characters. */
  create(input: { readonly name: string }, options?: CallOptions): Promise<Subscriber>;
  get(id: string): Promise<Subscriber>;
  list(page: Page): Promise<readonly Subscriber[]>;
}

export interface SubscribersOptions {
  readonly store: Pick<Store, "addSubscriber" | "getSubscriber" | "listSubscribers">;
  readonly newId: Ids;
  readonly now: () => number;
  readonly digest: (value: unknown) => string;
}

export function createSubscribers({ store, newId, now, digest }: SubscribersOptions): Subscribers {
  return {
    async create({ name }, { idempotencyKey } = {}) {
      if (name === "" || name.length > 256) {
        const message = "Expected 1 to 256 characters";
        throw new SenderError("validation_failed", message, {
          issues: [{ pointer: "/name", code: "validation_failed", message }],
        });
      }
      const nowMs = now();
      const idempotency =
        idempotencyKey === undefined
          ? undefined
          : { key: `subscriber ${idempotencyKey}`, digest: digest(name), nowMs };
      const result = await store.addSubscriber({ id: newId("sub"), name, createdAtMs: nowMs }, idempotency);
      if (!result.ok) throw new SenderError(result.code, "The idempotency key was used for another request");
      return result.added;
    },
    async get(id) {
      const subscriber = await store.getSubscriber(id);
      if (subscriber === undefined)
        throw new SenderError("subscriber_not_found", "There is no such subscriber");
      return subscriber;
    },
    list: (page) => store.listSubscribers(page),
  };
}
