import type { DatabaseSync } from "node:sqlite";
import type { Outbox } from "../../store.ts";
import { toSubmitted } from "../rows.ts";
import type { Write } from "./commit-queue.ts";

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
