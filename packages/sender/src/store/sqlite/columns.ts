/**
 * Rows as a thread is sent them: to clone columns takes a third of what it takes row by row, and what all rows have in
 * common is cloned once.
 */
export interface Columns<Row> {
  readonly count: number;
  readonly common: Partial<Row>;
  readonly lists: { readonly [Name in keyof Row]?: readonly Row[Name][] };
}

/** Every member of a row, by which it is taken apart. */
export type Members<Row> = { readonly [Name in keyof Row]-?: true };

export function toColumns<Row extends object>(rows: readonly Row[], members: Members<Row>): Columns<Row> {
  const common: Partial<Row> = {};
  const lists: { [Name in keyof Row]?: readonly Row[Name][] } = {};
  // What the type says.
  for (const name of Object.keys(members) as (keyof Row)[]) {
    const first = rows[0]?.[name];
    if (rows.some((row) => row[name] !== first)) lists[name] = rows.map((row) => row[name]);
    else if (first !== undefined) common[name] = first;
  }
  return { count: rows.length, common, lists };
}

/** The rows again; a member that was undefined is absent. */
export function toRows<Row extends object>({ count, common, lists }: Columns<Row>): readonly Row[] {
  // What the type says.
  const named = Object.entries(lists) as [keyof Row, readonly Row[keyof Row][]][];
  return Array.from({ length: count }, (_, index) => {
    const row = { ...common };
    for (const [name, list] of named) if (list[index] !== undefined) row[name] = list[index];
    // All members that a row has are in the one or the other.
    return row as Row;
  });
}
