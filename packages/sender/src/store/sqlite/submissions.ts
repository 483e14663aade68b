import type { DatabaseSync } from "node:sqlite";
import type { Outbox, Submitted } from "../../store.ts";
import type { Write } from "./commit-queue.ts";
import type { Row } from "./rows.ts";

/** What other programs write into the `outbox` table. */
export function createSubmissions(
  database: DatabaseSync,
  write: Write,
): Pick<Outbox, "listSubmitted" | "endSubmitted"> {
  const statements = {
    list: database.prepare("SELECT * FROM outbox WHERE refused_code IS NULL ORDER BY number LIMIT ?"),
    remove: database.prepare("DELETE FROM outbox WHERE number = ?"),
    refuse: database.prepare(
      "UPDATE outbox SET refused_code = ?, refused_message = ?, refused_ms = ? WHERE number = ?",
    ),
  };
  return {
    listSubmitted: async (limit) => statements.list.all(limit).map(toSubmitted),
    endSubmitted: ({ published, refused, nowMs }) =>
      write(() => {
        for (const number of published) statements.remove.run(number);
        for (const { number, code, message } of refused) statements.refuse.run(code, message, nowMs, number);
      }),
  };
}

/** Columns without a strict type hold what was written; all of it is read as text. */
function toSubmitted(row: Row): Submitted {
  const text = (name: string) => String(row[name]);
  const optional = (name: string) => (row[name] === null ? {} : { [name]: text(name) });
  return {
    number: Number(row["number"]),
    event: text("event_id"),
    type: text("type"),
    data: text("data"),
    timestamp: text("happened_at"),
    ...optional("subject"),
    ...optional("subscriber"),
    ...optional("version"),
    ...optional("source"),
  };
}
