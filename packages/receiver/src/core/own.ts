/** A table's own member of that name: names come from outside, and `constructor` is none. */
export function own<Row>(table: Readonly<Record<string, Row>>, name: string): Row | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
