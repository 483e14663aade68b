import type { Keys, Rewrapped, RewrapRequest } from "../port/keys.ts";
import {
  columnsOf,
  keyIn,
  positionAfter,
  readPosition,
  resealRows,
  SEALED_TABLES,
  writePosition,
  type RewrapPosition,
  type SealedTable,
} from "../rewrapping.ts";
import type { Database, Statement } from "./database.ts";
import type { KeyGuard } from "./keys.ts";

/** Seals anew, a few rows a transaction. */
export function createRewrap(database: Pick<Database, "session" | "query">, keys: KeyGuard): Keys {
  return {
    async rewrap({ limit, after }: RewrapRequest): Promise<Rewrapped> {
      const nothing = { sealed: 0, unreadable: 0, forgotten: [], inUse: [] };
      if (after === undefined && !(await keys.retireOthers())) return { ...nothing, state: "waiting" };
      const position = readPosition(after);
      const table = SEALED_TABLES[position.table];
      if (table === undefined) return { ...nothing, state: "done", ...(await keys.forgetRetired()) };
      const until = position.until.length > 0 ? position.until : await lastKeyOf(database, table);
      if (until.length === 0)
        return { ...nothing, state: "more", after: writePosition(positionAfter(position, [], table)) };
      const some = { table, position: { ...position, until }, limit };
      const { rows, ...counts } = await keys.sealing(() => rewrapRows(database, keys, some));
      const next = writePosition(positionAfter(some.position, rows, table));
      return { ...nothing, ...counts, state: "more", after: next };
    },
  };
}

interface Some {
  readonly table: SealedTable;
  readonly position: RewrapPosition;
  readonly limit: number;
}

/** Nothing where there are no rows. */
async function lastKeyOf(
  { query }: Pick<Database, "query">,
  { table, key }: SealedTable,
): Promise<RewrapPosition["until"]> {
  const order = key.map((column) => `${column} DESC`).join();
  const text = `SELECT ${key.join()} FROM hooks.${table} ORDER BY ${order} LIMIT 1`;
  const [row] = await query({ name: `rewrap_${table}_last`, text }, []);
  return row === undefined ? [] : keyIn(row, key);
}

async function rewrapRows(
  { session, query }: Pick<Database, "session" | "query">,
  keys: KeyGuard,
  { table, position, limit }: Some,
) {
  const rows = await query(selectOf(table, position), [limit, ...position.until, ...position.key]);
  const { changes, unreadable } = resealRows(keys.seals, table, rows);
  const updates = changes.map(({ key, column, before, after }) => ({
    statement: updateOf(table, column),
    values: [toParameter(after), toParameter(before), ...key],
  }));
  const steps = [...updates, ...(updates.length === 0 ? [] : keys.requireSteps())];
  await session((one) => one.atomically(async () => steps));
  return { rows, sealed: updates.length, unreadable };
}

function selectOf(sealed: SealedTable, position: RewrapPosition): Statement {
  const { table, key } = sealed;
  const columns = columnsOf(sealed).join();
  const isFirst = position.key.length === 0;
  const marksFrom = (first: number) => key.map((_, index) => `$${first + index}`).join();
  const from = isFirst ? "" : `(${key.join()}) > (${marksFrom(2 + key.length)}) AND`;
  const where = `${from} (${key.join()}) <= (${marksFrom(2)})`;
  return {
    name: `rewrap_${table}_${isFirst ? "first" : "next"}`,
    text: `SELECT ${columns} FROM hooks.${table} WHERE ${where} ORDER BY ${key.join()} LIMIT $1`,
  };
}

/** Only what is still as it was read: an endpoint may have been changed, and was sealed anew with that. */
function updateOf({ table, key }: SealedTable, column: string): Statement {
  const where = key.map((name, index) => `${name} = $${index + 3}`).join(" AND ");
  return {
    name: `rewrap_${table}_${column}`,
    text: `UPDATE hooks.${table} SET ${column} = $1 WHERE ${where} AND ${column} = $2`,
  };
}

function toParameter(value: Uint8Array | string): string | Buffer {
  return typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
