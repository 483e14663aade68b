import type { Attempt, Delivery } from "./core/model.ts";
import type { Deliveries } from "./deliveries.ts";
import { SenderError } from "./errors.ts";
import { checkPeriod } from "./period.ts";
import type { DeadLetterFilter, Page, Sent, Store } from "./store.ts";

/** A delivery that was given up, with everything that is known of it. */
export interface DeadLetter {
  readonly delivery: Delivery;
  /** In order of their numbers; none where it could not be rendered. */
  readonly attempts: readonly Attempt[];
  /** What it sent; absent where it could not be rendered. */
  readonly sent?: Sent;
}

/** Deliveries that were given up. Several at once are retried by a replay. Verbs reject with a `SenderError`. */
export interface DeadLetters {
  /** Newest first. Times are those at which the events were published. */
  list(page: Page & DeadLetterFilter): Promise<readonly Delivery[]>;
  get(id: string): Promise<DeadLetter>;
  /** As `deliveries.retry`, for dead ones only. */
  retry(id: string): Promise<Delivery>;
}

export interface DeadLettersOptions {
  readonly store: Pick<Store, "listDeadLetters" | "getSent">;
  readonly deliveries: Pick<Deliveries, "get" | "attempts" | "retry">;
}

export function createDeadLetters({ store, deliveries }: DeadLettersOptions): DeadLetters {
  /** `code` says that it is a delivery, but none that is dead. */
  const find = async (id: string, code: "dead_letter_not_found" | "not_retryable"): Promise<Delivery> => {
    const delivery = await deliveries.get(id).catch((error: unknown) => {
      if (!(error instanceof SenderError)) throw error;
    });
    if (delivery === undefined)
      throw new SenderError("dead_letter_not_found", "There is no such dead letter");
    if (delivery.state !== "dead")
      throw new SenderError(code, `The delivery is ${delivery.state}; it is no dead letter`);
    return delivery;
  };
  return {
    async list(request) {
      checkPeriod(request);
      return store.listDeadLetters(request);
    },
    async get(id) {
      const delivery = await find(id, "dead_letter_not_found");
      const [attempts, sent] = await Promise.all([deliveries.attempts(id), store.getSent(id)]);
      return { delivery, attempts, ...(sent === undefined ? {} : { sent }) };
    },
    async retry(id) {
      await find(id, "not_retryable");
      return deliveries.retry(id);
    },
  };
}
