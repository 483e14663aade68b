import type { Outbox } from "../../store.ts";
import { toSubmitted } from "../rows.ts";
import type { Database, Statement } from "./database.ts";
import { numbers, texts } from "./parameters.ts";

const STATEMENTS = {
  list: {
    name: "list_submitted",
    text: `
      SELECT number, event_id, type, data::text AS data, subject, subscriber, version, source,
        to_char(happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS happened_at
      FROM hooks.outbox WHERE refused_code IS NULL ORDER BY number LIMIT $1`,
  },
  remove: {
    name: "remove_submitted",
    text: "DELETE FROM hooks.outbox WHERE number = ANY ($1::bigint[])",
  },
  refuse: {
    name: "refuse_submitted",
    text: `
      UPDATE hooks.outbox SET refused_code = refused.code, refused_message = refused.message,
        refused_ms = $4::bigint
      FROM unnest($1::bigint[], $2::text[], $3::text[]) AS refused (number, code, message)
      WHERE outbox.number = refused.number`,
  },
} as const satisfies Record<string, Statement>;

/** What other programs write into the `outbox` table. */
export function createSubmissions({ query }: Database): Pick<Outbox, "listSubmitted" | "endSubmitted"> {
  return {
    listSubmitted: async (limit) => (await query(STATEMENTS.list, [limit])).map(toSubmitted),
    async endSubmitted({ published, refused, nowMs }) {
      if (published.length > 0) await query(STATEMENTS.remove, [numbers(published)]);
      if (refused.length === 0) return;
      await query(STATEMENTS.refuse, [
        numbers(refused.map(({ number }) => number)),
        texts(refused.map(({ code }) => code)),
        texts(refused.map(({ message }) => message)),
        nowMs,
      ]);
    },
  };
}
