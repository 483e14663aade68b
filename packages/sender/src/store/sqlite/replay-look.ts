import type { DatabaseSync } from "node:sqlite";
import type { Delivery } from "../../core/model.ts";
import type { ReplayFilter } from "../../core/replay.ts";
import { rangeOf } from "../replaying.ts";
import { toFinished } from "../rows.ts";
import { deliveryColumns } from "./rows.ts";
import { createSpanReader } from "./spans.ts";

export interface Look {
  readonly filter: ReplayFilter;
  readonly endpoint: string;
  readonly afterId: string;
  readonly limit: number;
}

/** What has come to its end of an endpoint and stands next in the range of a replay, selected or not. */
export function createLook(database: DatabaseSync): (look: Look) => readonly Delivery[] {
  const readAll = createSpanReader(database, { order: "ASC" });
  const unsent = database.prepare(
    `SELECT ${deliveryColumns("finished")} FROM finished INDEXED BY unsent_by_endpoint
     WHERE endpoint = ? AND id > ? AND id < ? AND state <> 'delivered' ORDER BY id LIMIT ?`,
  );
  return ({ filter, endpoint, afterId, limit }) => {
    const { lastId, isUnsent } = rangeOf(filter);
    const rows = isUnsent
      ? unsent.all(endpoint, afterId, lastId, limit)
      : readAll(endpoint, { after: afterId, before: lastId }, limit);
    return rows.map(toFinished);
  };
}
