import { VaultError } from "../vault/error.ts";
import { nameOfPart, type SealedColumn, type Seals } from "./seals.ts";

type KeptValue = Uint8Array | string | null;

export interface SealedTable {
  readonly table: string;
  /** What it is walked along by, unique. */
  readonly key: readonly string[];
  /** Read besides. */
  readonly also: readonly string[];
  readonly values: readonly { readonly column: string; readonly sealed: SealedColumn }[];
  /** What the values of a row are named by, of the columns of `key` and `also`. */
  readonly nameOf: (...columns: readonly unknown[]) => string;
}

const byId = (id: unknown) => String(id);

/** What a rewrap walks through, in this order: what is moved meanwhile from one table to another is moved ahead of it. */
export const SEALED_TABLES: readonly SealedTable[] = [
  {
    table: "endpoints",
    key: ["id"],
    also: [],
    values: [{ column: "document", sealed: "endpoint" }],
    nameOf: byId,
  },
  {
    table: "events",
    key: ["id"],
    also: [],
    values: [
      { column: "body", sealed: "body" },
      { column: "digest", sealed: "digest" },
    ],
    nameOf: byId,
  },
  {
    table: "renditions",
    key: ["event", "key"],
    also: [],
    values: [{ column: "body", sealed: "rendition" }],
    nameOf: nameOfPart,
  },
  {
    table: "finished",
    key: ["id"],
    also: ["attempts"],
    values: [{ column: "last_response", sealed: "response" }],
    nameOf: nameOfPart,
  },
  {
    table: "attempts",
    key: ["delivery", "number"],
    also: [],
    values: [{ column: "response", sealed: "response" }],
    nameOf: nameOfPart,
  },
  {
    table: "idempotency",
    key: ["key"],
    also: [],
    values: [{ column: "digest", sealed: "idempotency" }],
    nameOf: byId,
  },
];

type Resealed =
  | { readonly kind: "current" }
  | { readonly kind: "sealed"; readonly value: Uint8Array | string }
  /** It was changed, or its key is gone: it is left as it is. */
  | { readonly kind: "unreadable" };

/** A value of a row that is to be kept otherwise. */
export interface Change {
  readonly key: Key;
  readonly column: string;
  readonly before: Uint8Array | string;
  readonly after: Uint8Array | string;
}

/** What is to be changed of these rows, and how many values are left as they are because they cannot be read. */
export function resealRows(
  seals: Seals,
  { key, also, values, nameOf }: SealedTable,
  rows: readonly Readonly<Record<string, unknown>>[],
): { readonly changes: readonly Change[]; readonly unreadable: number } {
  const changes: Change[] = [];
  let unreadable = 0;
  for (const { column, sealed } of values)
    for (const row of rows) {
      // Of the columns that are sealed, none holds anything else.
      const before = row[column] as KeptValue;
      const result = reseal(seals, sealed, [nameOf(...[...key, ...also].map((one) => row[one])), before]);
      if (result.kind === "unreadable") unreadable += 1;
      if (result.kind === "sealed" && before !== null)
        changes.push({ key: keyIn(row, key), column, before, after: result.value });
    }
  return { changes, unreadable };
}

/** Every column that is read of a table. */
export function columnsOf({ key, also, values }: SealedTable): readonly string[] {
  return [...key, ...also, ...values.map(({ column }) => column)];
}

/** A value as it should be kept now. */
function reseal(seals: Seals, column: SealedColumn, [name, kept]: readonly [string, KeptValue]): Resealed {
  if (kept === null || seals.isCurrent(column, kept)) return { kind: "current" };
  try {
    if (typeof kept !== "string") {
      const value = seals.openBytes(column, name, kept);
      return { kind: "sealed", value: seals.bytes(column, name, value) };
    }
    const value =
      column === "endpoint"
        ? seals.endpoint(seals.openEndpoint(name, kept))
        : seals.text(column, name, seals.openText(column, name, kept));
    return { kind: "sealed", value };
  } catch (error) {
    if (error instanceof VaultError) return { kind: "unreadable" };
    throw error;
  }
}

type Key = readonly (string | number)[];

/**
 * Where a rewrap has come to: the number of a table, the key of the last row that it has seen there, and of the last that
 * it has to see; what is added behind that is sealed under the new key.
 */
export interface RewrapPosition {
  readonly table: number;
  readonly key: Key;
  readonly until: Key;
}

export function writePosition({ table, key, until }: RewrapPosition): string {
  return JSON.stringify([table, key, until]);
}

export function readPosition(text: string | undefined): RewrapPosition {
  // Written above.
  const [table, key, until] = JSON.parse(text ?? "[0,[],[]]") as [number, Key, Key];
  return { table, key, until };
}

/** Where it goes on after it has seen these rows: some of a table, or none where that has come to its end. */
export function positionAfter(
  { table, until }: RewrapPosition,
  rows: readonly Readonly<Record<string, unknown>>[],
  { key }: SealedTable,
): RewrapPosition {
  const last = rows.at(-1);
  if (last === undefined) return { table: table + 1, key: [], until: [] };
  return { table, key: keyIn(last, key), until };
}

/** Keys are texts and numbers. */
export function keyIn(row: Readonly<Record<string, unknown>>, columns: readonly string[]): Key {
  return columns.map((column) => row[column] as string | number);
}
