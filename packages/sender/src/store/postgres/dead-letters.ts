import type { Delivery } from "../../core/model.ts";
import { createdWithin } from "../created-within.ts";
import type { DeadLetterFilter, DeadLetters, Page } from "../../store.ts";
import type { Seals } from "../seals.ts";
import type { Database, Session, Statement } from "./database.ts";
import { text, type Parameter } from "./parameters.ts";
import { toFinished, toSent } from "../rows.ts";
import { deliveryColumns } from "./rows.ts";

/** $1 id */
const SENT: Statement = {
  name: "get_sent",
  text: `
    WITH delivery AS (
      SELECT event, rendition FROM hooks.pending WHERE id = $1
      UNION ALL SELECT event, rendition FROM hooks.finished WHERE id = $1
    )
    SELECT delivery.event, delivery.rendition,
      CASE WHEN rendition IS NULL THEN events.version ELSE renditions.version END AS version,
      CASE WHEN rendition IS NULL THEN events.body ELSE renditions.body END AS body
    FROM delivery JOIN hooks.events ON events.id = delivery.event
    LEFT JOIN hooks.renditions ON renditions.event = delivery.event AND renditions.key = delivery.rendition`,
};

/** Deliveries that were given up. */
export function createDeadLetters({ query }: Pick<Database, "query">, seals: Seals): DeadLetters {
  return {
    listDeadLetters: (request) => listDeadLetters(query, request),
    async getSent(delivery) {
      const [row] = await query(SENT, [text(delivery)]);
      return toSent(row, seals);
    },
  };
}

/** Sorts after every id. */
const LAST = "\u{10ffff}";

async function listDeadLetters(
  query: Session["query"],
  { limit, after = LAST, ...filter }: Page & DeadLetterFilter,
): Promise<readonly Delivery[]> {
  const { event, endpoint, subscriber, eventType, fromMs, toMs } = filter;
  const { firstId, lastId } = createdWithin(filter);
  const values: Parameter[] = [limit, text(after), firstId, lastId];
  const conditions = ["id < $2", "id >= $3", "id < $4"];
  const names: string[] = [];
  const want = (
    name: string,
    value: string | number | undefined,
    condition: (parameter: string) => string,
  ) => {
    if (value === undefined) return;
    values.push(typeof value === "string" ? text(value) : value);
    names.push(name);
    conditions.push(condition(`$${values.length}`));
  };
  want(
    "event",
    event,
    (id) => `event = ${id}
      AND id >= (SELECT first_delivery FROM hooks.events WHERE events.id = ${id})
      AND id <= (SELECT last_delivery FROM hooks.events WHERE events.id = ${id})`,
  );
  want("endpoint", endpoint, (id) => `endpoint = ${id}`);
  want("subscriber", subscriber, (id) => `subscriber = ${id}`);
  want("type", eventType, (type) => `event_type = ${type}`);
  want("from", fromMs, (timeMs) => `created_ms >= ${timeMs}::bigint`);
  want("to", toMs, (timeMs) => `created_ms < ${timeMs}::bigint`);
  const statement = {
    name: ["list_dead", ...names].join("_"),
    text: `SELECT ${deliveryColumns("finished")} FROM hooks.finished
      WHERE state = 'dead' AND ${conditions.join(" AND ")} ORDER BY id DESC LIMIT $1`,
  };
  return (await query(statement, values)).map(toFinished);
}
