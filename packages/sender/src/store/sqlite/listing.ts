import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Delivery } from "../../core/model.ts";
import type { DeliveryFilter, Page } from "../../store.ts";
import { shardOf } from "../../core/sharding.ts";
import { toFinished, toScheduled } from "../rows.ts";
import { deliveryColumns, type Row } from "./rows.ts";
import { createSpanReader } from "./spans.ts";

type ListRequest = Page & DeliveryFilter;

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** Sorts after every id. */
const LAST = "\u{10ffff}";

/** Scheduled and finished deliveries stand in two tables; the newest of both, merged, are the newest of all. */
export function createList(database: DatabaseSync): (request: ListRequest) => readonly Delivery[] {
  const ofEndpoint = {
    all: createSpanReader(database, { order: "DESC" }),
    delivered: createSpanReader(database, { order: "DESC", condition: "finished.state = 'delivered'" }),
  };
  const few = createFewReader(database);
  const select = (table: "pending" | "finished", request: ListRequest): readonly Row[] => {
    const wanted = conditionsOf(request);
    const sql = `SELECT ${deliveryColumns(table)} FROM ${table} WHERE ${wanted.map((one) => one.sql).join(" AND ")} ORDER BY id DESC LIMIT ?`;
    return database.prepare(sql).all(...wanted.flatMap(({ values }) => values), request.limit);
  };
  const scheduled = (request: ListRequest): readonly Row[] => {
    const { endpoint, event } = request;
    const found = endpoint === undefined || event !== undefined ? undefined : few(endpoint, request);
    return found ?? select("pending", request);
  };
  const finished = (request: ListRequest): readonly Row[] => {
    const { endpoint, event, state, after: before = LAST, limit } = request;
    const hasIndex = event !== undefined || (state !== undefined && state !== "delivered");
    if (endpoint === undefined || hasIndex) return select("finished", request);
    return ofEndpoint[state === undefined ? "all" : "delivered"](endpoint, { after: "", before }, limit);
  };
  return (request) => {
    const { state, limit } = request;
    const found = [
      ...(state === undefined || state === "scheduled" ? scheduled(request).map(toScheduled) : []),
      ...(state === "scheduled" ? [] : finished(request).map(toFinished)),
    ];
    return found.toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, limit);
  };
}

/** So many are soon read and sorted; of more, those of a page are soon found among everybody's. */
const FEW = 10_000;

/** Reads what is scheduled for an endpoint where it stands, instead of looking for it among everybody's. Of many: nothing. */
function createFewReader(database: DatabaseSync) {
  const count = database.prepare(
    `SELECT count(*) AS count FROM (SELECT 1 FROM pending WHERE shard = ? AND endpoint = ? LIMIT ${FEW + 1})`,
  );
  // With `+`, the index of all ids is not used.
  const read = database.prepare(
    `SELECT ${deliveryColumns("pending")} FROM pending
     WHERE shard = ? AND endpoint = ? AND +id < ? ORDER BY +id DESC LIMIT ?`,
  );
  return (endpoint: string, { after = LAST, limit }: Page): readonly Row[] | undefined => {
    const shard = shardOf(endpoint);
    if (Number(count.get(shard, endpoint)?.["count"]) > FEW) return undefined;
    return read.all(shard, endpoint, after, limit);
  };
}

function conditionsOf({ after = LAST, event, endpoint, state }: ListRequest): readonly Condition[] {
  const wanted: Condition[] = [{ sql: "id < ?", values: [after] }];
  if (event !== undefined) {
    wanted.push({
      sql: `event = ? AND id BETWEEN (SELECT first_delivery FROM events WHERE id = ?)
        AND (SELECT last_delivery FROM events WHERE id = ?)`,
      values: [event, event, event],
    });
  }
  if (endpoint !== undefined) wanted.push({ sql: "endpoint = ?", values: [endpoint] });
  // What was not delivered has indexes of its own, which apply only where the state is written out.
  if (state === "dead") wanted.push({ sql: "state = 'dead'", values: [] });
  if (state === "cancelled") wanted.push({ sql: "state <> 'delivered' AND state = 'cancelled'", values: [] });
  if (state === "delivered") wanted.push({ sql: "state = 'delivered'", values: [] });
  return wanted;
}
