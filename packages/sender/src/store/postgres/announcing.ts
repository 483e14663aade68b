import type { Announcement } from "../../store.ts";
import type { Statement, Step } from "./database.ts";
import { texts } from "./parameters.ts";

/** $1 now, and arrays of the same length: $2 ids, $3 types, $4 data, $5 subscribers */
const ANNOUNCE: Statement = {
  name: "submit_announcements",
  text: `
    INSERT INTO hooks.outbox (event_id, type, data, subscriber, happened_at)
    SELECT id, type, data::json, subscriber, to_timestamp($1::bigint / 1000.0)
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS told (id, type, data, subscriber)`,
};

/** The step that submits events to be published. */
export function announceStep(announcements: readonly Announcement[], nowMs: number): Step {
  const values = [
    nowMs,
    texts(announcements.map(({ id }) => id)),
    texts(announcements.map(({ type }) => type)),
    texts(announcements.map(({ data }) => JSON.stringify(data))),
    texts(announcements.map(({ subscriber }) => subscriber)),
  ];
  return { statement: ANNOUNCE, values };
}
