import type { DatabaseSync } from "node:sqlite";
import { isSelected } from "../../core/replay.ts";
import type { Count, CountPosition, CountRequest } from "../../store.ts";
import { rangeOf } from "../replaying.ts";
import { createLook } from "./replay-look.ts";

/** An endpoint that has nothing counts too: there may be many. */
const EMPTY_COST = 1;

/** One that has little may have it among a lot of others' deliveries, which are read with it: see `spans.ts`. */
const LEAST_COST = 50;

/** Counts what a replay would send again, endpoint by endpoint. */
export function createCount(database: DatabaseSync): (request: CountRequest) => Count {
  const look = createLook(database);
  const nextEndpoint = database.prepare(
    "SELECT id FROM endpoints WHERE subscriber = ?1 AND id > ?2 AND (?3 IS NULL OR id = ?3) ORDER BY id LIMIT 1",
  );
  return ({ filter, after, limit }) => {
    const { firstId } = rangeOf(filter);
    /** The beginning of the endpoint that comes next. */
    const positionAfter = (endpoint: string): CountPosition | undefined => {
      const row = nextEndpoint.get(filter.subscriber, endpoint, filter.endpoint ?? null);
      return row === undefined ? undefined : { endpoint: String(row["id"]), id: firstId };
    };
    let position = after ?? positionAfter("");
    let count = 0;
    let left = limit;
    while (position !== undefined && left > 0) {
      const { endpoint, id }: CountPosition = position;
      const looked = look({ filter, endpoint, afterId: id, limit: left });
      count += looked.filter((delivery) => isSelected(filter, delivery)).length;
      const last = looked.at(-1);
      position = looked.length < left ? positionAfter(endpoint) : { endpoint, id: last?.id ?? id };
      left -= Math.max(looked.length === 0 ? EMPTY_COST : LEAST_COST, looked.length);
    }
    return { count, ...(position === undefined ? {} : { after: position }) };
  };
}
