import { TransactionError, type Transaction } from "../../store.ts";
import type { Database, Row, Session, Statement } from "./database.ts";
import { asUnavailable, sqlStateOf } from "./unavailable.ts";

/** What a server answers when there is no transaction, and when there are no such tables. */
const UNUSABLE: Readonly<Record<string, string>> = {
  "25P01": "Expected a transaction that has begun: publish between its BEGIN and COMMIT, on its connection",
  "3F000": "Expected a transaction on the store's database: it has no tables of the store",
  "42P01": "Expected a transaction on the store's database: it has no tables of the store",
  "42501": "Expected a role that may write the store's tables",
};

/**
 * A session in a transaction of the caller's, which only the caller ends. What is done atomically stands behind a
 * savepoint, so that a failure leaves the transaction as it was.
 */
export function joinTransaction(transaction: Transaction, place: Database["place"]): Session {
  let last: Promise<unknown> = Promise.resolve();
  const run: Session["query"] = async (statement, values) => {
    try {
      return (await transaction.query(place(statement).text, values)).rows;
    } catch (error) {
      throw inWords(error);
    }
  };
  /** One after the other: not every client takes a statement while another is under way. */
  const query: Session["query"] = (statement, values) => {
    const next = last.then(() => run(statement, values));
    last = next.catch(() => {});
    return next;
  };
  const session: Session = {
    query,
    async atomically(prepare) {
      await query(SAVEPOINT, []);
      const rows: (readonly Row[])[] = [];
      try {
        for (const { statement, values } of await prepare(session)) rows.push(await query(statement, values));
      } catch (error) {
        await query(ROLLBACK, []);
        throw error;
      }
      await query(RELEASE, []);
      return rows;
    },
  };
  return session;
}

const SAVEPOINT: Statement = { name: "savepoint", text: "SAVEPOINT hooks_publish" };
const ROLLBACK: Statement = { name: "rollback_savepoint", text: "ROLLBACK TO SAVEPOINT hooks_publish" };
const RELEASE: Statement = { name: "release_savepoint", text: "RELEASE SAVEPOINT hooks_publish" };

function inWords(error: unknown): unknown {
  const message = UNUSABLE[sqlStateOf(error) ?? ""];
  if (message === undefined) return asUnavailable(error);
  return new TransactionError("transaction_not_usable", message, { cause: error });
}
