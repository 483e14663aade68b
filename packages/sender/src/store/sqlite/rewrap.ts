import type { DatabaseSync } from "node:sqlite";
import { VaultError } from "../../vault/error.ts";
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
import type { Seals } from "../seals.ts";
import type { Write } from "./commit-queue.ts";
import type { KeyRecords } from "./keys.ts";

export interface RewrapOptions {
  readonly seals: Seals;
  readonly records: KeyRecords;
}

/** Seals anew, a few rows a transaction. No other process writes meanwhile, so none seals under a key that it retired. */
export function createRewrap(database: DatabaseSync, write: Write, { seals, records }: RewrapOptions): Keys {
  const begin = (): void => {
    const record = seals.admit(records.all());
    if (record !== undefined) records.keep(record);
    if (seals.keyId === undefined)
      throw new VaultError("invalid_master_key", "Expected a vault with a key to encrypt under; it has none");
    records.retireOthers(seals.keyId);
  };

  const rewrap = ({ limit, after }: RewrapRequest): Rewrapped => {
    if (after === undefined) begin();
    const position = readPosition(after);
    const table = SEALED_TABLES[position.table];
    if (table === undefined) return end();
    const until = position.until.length > 0 ? position.until : lastKeyOf(database, table);
    const some = { table, position: { ...position, until }, limit };
    const { rows, ...counts } = rewrapRows(database, seals, some);
    const next = writePosition(positionAfter(some.position, rows, table));
    return { ...counts, state: "more", after: next, forgotten: [], inUse: [] };
  };

  const end = (): Rewrapped => {
    const forgotten = records.forgetRetired();
    const inUse = records.all().flatMap(({ id }) => (id === seals.keyId ? [] : [id]));
    return { sealed: 0, unreadable: 0, state: "done", forgotten, inUse };
  };

  return { rewrap: (request) => write(() => rewrap(request)) };
}

interface Some {
  readonly table: SealedTable;
  readonly position: RewrapPosition;
  readonly limit: number;
}

/** Nothing where there are no rows. */
function lastKeyOf(database: DatabaseSync, { table, key }: SealedTable): RewrapPosition["until"] {
  const order = key.map((column) => `${column} DESC`).join();
  const row = database.prepare(`SELECT ${key.join()} FROM ${table} ORDER BY ${order} LIMIT 1`).get();
  return row === undefined ? [] : keyIn(row, key);
}

function rewrapRows(database: DatabaseSync, seals: Seals, some: Some) {
  const { table, position } = some;
  const rows = position.until.length === 0 ? [] : rowsAfter(database, some);
  const { changes, unreadable } = resealRows(seals, table, rows);
  const where = table.key.map((name) => `${name} = ?`).join(" AND ");
  const updates = new Map(
    table.values.map(({ column }) => [
      column,
      database.prepare(`UPDATE ${table.table} SET ${column} = ? WHERE ${where}`),
    ]),
  );
  for (const { key, column, after } of changes) updates.get(column)?.run(after, ...key);
  return { rows, sealed: changes.length, unreadable };
}

function rowsAfter(database: DatabaseSync, { table, position, limit }: Some) {
  const { key } = table;
  const columns = columnsOf(table).join();
  const marks = key.map(() => "?").join();
  const isFirst = position.key.length === 0;
  const from = isFirst ? "" : `(${key.join()}) > (${marks}) AND`;
  return database
    .prepare(
      `SELECT ${columns} FROM ${table.table} WHERE ${from} (${key.join()}) <= (${marks}) ORDER BY ${key.join()} LIMIT ?`,
    )
    .all(...position.key, ...position.until, limit);
}
