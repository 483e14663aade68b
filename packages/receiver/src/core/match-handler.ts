import { own } from "./own.ts";

/**
 * What stands for an event type in a table whose names are types (`invoice.paid`), resources with all that is below them
 * (`invoice.*`) or everything (`*`): the most specific. Only the table's own members count.
 */
export function matchHandler<Row>(table: Readonly<Record<string, Row>>, type: string): Row | undefined {
  const exact = own(table, type);
  if (exact !== undefined) return exact;
  for (let end = type.lastIndexOf("."); end > 0; end = type.lastIndexOf(".", end - 1)) {
    const row = own(table, `${type.slice(0, end)}.*`);
    if (row !== undefined) return row;
  }
  return own(table, "*");
}
