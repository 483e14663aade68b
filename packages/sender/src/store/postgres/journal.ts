import type { Work } from "../../store.ts";
import type { Database, Statement } from "./database.ts";
import { numbers } from "./parameters.ts";

const STATEMENTS = {
  /** Waits for a `take` that goes on although nobody waits for its answer. */
  lock: { name: "lock_worker", text: "SELECT id FROM hooks.workers WHERE id = $1 FOR UPDATE" },
  forget: {
    name: "forget_taken",
    text: "DELETE FROM hooks.journal WHERE worker = $1 AND batch <> ALL ($2::bigint[])",
  },
} as const satisfies Record<string, Statement>;

/** What workers have in flight, a row a batch. */
export function createJournal({ transaction }: Pick<Database, "transaction">): Pick<Work, "forgetTaken"> {
  return {
    forgetTaken: (worker, inFlight) =>
      transaction(async ({ query }) => {
        await query(STATEMENTS.lock, [worker]);
        await query(STATEMENTS.forget, [worker, numbers(inFlight)]);
      }),
  };
}
