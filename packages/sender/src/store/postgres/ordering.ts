import { BEHIND_MS } from "../../core/ordering.ts";
import { shardOf } from "../../core/sharding.ts";
import type { Database, Session, Statement, Step } from "./database.ts";
import { numbers, texts } from "./parameters.ts";

/*
 * Of the deliveries of an endpoint and key one is under way; the others stand behind it. When it has come to its end, the
 * next is made due. Only those do so who hold the lock of the shard, so one after another, each seeing what the one before
 * has done. Publishers and operators hold no lock and never make anything wait: a publisher's transaction may last long.
 * What they have done counts when it is committed, and because that may be the moment after somebody has looked, they leave
 * a row in `key_changes`, for which the key is looked at again.
 */

export interface OrderKey {
  readonly endpoint: string;
  readonly orderKey: string;
}

/** One after another in each of these shards. $1 shards */
const LOCK: Statement = {
  name: "lock_order",
  text: `
    SELECT pg_advisory_xact_lock(hashtext('hooks.key_changes'), shard)
    FROM (SELECT DISTINCT shard::integer FROM unnest($1::smallint[]) AS shard ORDER BY 1) AS shards`,
};

/** $1 now, $2 endpoints, $3 keys */
const ADVANCE: Statement = {
  name: "advance_keys",
  text: `
    WITH keys AS MATERIALIZED (
      SELECT DISTINCT endpoint, order_key FROM unnest($2::text[], $3::text[]) AS keys (endpoint, order_key)
    ), next AS MATERIALIZED (
      SELECT next.id FROM keys CROSS JOIN LATERAL (
        SELECT id FROM hooks.pending WHERE pending.endpoint = keys.endpoint AND pending.order_key = keys.order_key
        ORDER BY position LIMIT 1
      ) AS next
      WHERE NOT EXISTS (
        SELECT FROM hooks.pending
        WHERE pending.endpoint = keys.endpoint AND pending.order_key = keys.order_key AND pending.due_ms < ${BEHIND_MS}
      )
    )
    UPDATE hooks.pending SET due_ms = $1::bigint FROM next WHERE pending.id = next.id AND pending.due_ms = ${BEHIND_MS}`,
};

/** $1 shard, $2 how many */
const CHANGED: Statement = {
  name: "changed_keys",
  text: `
    DELETE FROM hooks.key_changes WHERE shard = $1 AND number IN (
      SELECT number FROM hooks.key_changes WHERE shard = $1 ORDER BY number LIMIT $2
    )
    RETURNING endpoint, order_key`,
};

/** $1 now, $2 shard, $3 endpoint, $4 how many */
const DISSOLVE: Statement = {
  name: "dissolve_order",
  text: `
    UPDATE hooks.pending SET due_ms = $1::bigint, order_key = NULL, position = NULL
    WHERE due_ms = ${BEHIND_MS} AND (shard, endpoint, due_ms, id) IN (
      SELECT shard, endpoint, due_ms, id FROM hooks.pending
      WHERE shard = $2 AND endpoint = $3 AND due_ms = ${BEHIND_MS} LIMIT $4
    )
    RETURNING id`,
};

const BATCH = 1_000;

/** The step that goes before whatever ends deliveries of these shards, in the same transaction. */
export function lockStep(shards: readonly number[]): Step {
  return { statement: LOCK, values: [numbers(shards)] };
}

/** The step that goes after it: makes the next of these keys due where none is under way. */
export function advanceStep(keys: readonly OrderKey[], nowMs: number): Step {
  const endpoints = texts(keys.map(({ endpoint }) => endpoint));
  return { statement: ADVANCE, values: [nowMs, endpoints, texts(keys.map(({ orderKey }) => orderKey))] };
}

/** Looks at the keys of these shards that somebody has changed. */
export async function advanceChanged(
  { transaction }: Pick<Database, "transaction">,
  shards: readonly number[],
  nowMs: number,
): Promise<void> {
  for (const shard of shards) {
    const some = () =>
      transaction(async ({ query }) => {
        const lock = lockStep([shard]);
        await query(lock.statement, lock.values);
        const rows = await query(CHANGED, [shard, BATCH]);
        const keys = rows.map((row) => ({
          endpoint: String(row["endpoint"]),
          orderKey: String(row["order_key"]),
        }));
        const advance = advanceStep(keys, nowMs);
        if (keys.length > 0) await query(advance.statement, advance.values);
        return keys.length;
      });
    for (let count = BATCH; count === BATCH;) count = await some();
  }
}

/** Nothing of the endpoint waits for another any more. In batches, so that nobody waits long. */
export async function dissolveOrder(query: Session["query"], endpoint: string, nowMs: number): Promise<void> {
  for (let count = BATCH; count === BATCH;)
    count = (await query(DISSOLVE, [nowMs, shardOf(endpoint), endpoint, BATCH])).length;
}
