import { sql, type SQL } from "drizzle-orm";
import type { Knex } from "knex";
import { CompiledQuery, type Transaction as KyselyTransaction } from "kysely";
import type { Transaction } from "../store.ts";

/** Of Kysely. */
export const inKysely = (trx: KyselyTransaction<unknown>): Transaction => ({
  query: (text, values) => trx.executeQuery(CompiledQuery.raw(text, [...values])),
});

/** Of Drizzle, with its `node-postgres` driver. */
export const inDrizzle = (tx: { execute(query: SQL): PromiseLike<unknown> }): Transaction => ({
  async query(text, values) {
    const parts = text
      .split(/\$(\d+)/)
      .map((part, index) => (index % 2 === 0 ? sql.raw(part) : sql`${sql.param(values[Number(part) - 1])}`));
    return (await tx.execute(sql.join(parts))) as Awaited<ReturnType<Transaction["query"]>>;
  },
});

/** Of Knex, with its `pg` client. */
export const inKnex = (trx: Knex.Transaction): Transaction => ({
  async query(text, values) {
    const bindings: Knex.RawBinding[] = [];
    const raw = text.replaceAll(/\$(\d+)/g, (_, number) => {
      bindings.push(values[Number(number) - 1] as Knex.RawBinding);
      return "?";
    });
    return trx.raw(raw, bindings);
  },
});
