import type { DatabaseSync } from "node:sqlite";
import type { Delivery } from "../../core/model.ts";
import type { ReplayFilter } from "../../core/replay.ts";
import { rangeOf } from "../replaying.ts";
import { toFinished } from "../rows.ts";
import { deliveryColumns } from "./rows.ts";

export interface Look {
  readonly filter: ReplayFilter;
  readonly endpoint: string;
  readonly afterId: string;
  readonly limit: number;
}

/** What has come to its end of an endpoint and stands next in the range of a replay, selected or not. */
export function createLook(database: DatabaseSync): (look: Look) => readonly Delivery[] {
  const select = (index: string, condition: string) =>
    database.prepare(
      `SELECT ${deliveryColumns("finished")} FROM finished INDEXED BY ${index}
       WHERE endpoint = ? AND id > ? AND id < ? AND ${condition} ORDER BY id LIMIT ?`,
    );
  const statements = {
    all: select("finished_by_endpoint", "true"),
    unsent: select("unsent_by_endpoint", "state <> 'delivered'"),
  };
  return ({ filter, endpoint, afterId, limit }) => {
    const { lastId, isUnsent } = rangeOf(filter);
    const statement = isUnsent ? statements.unsent : statements.all;
    return statement.all(endpoint, afterId, lastId, limit).map(toFinished);
  };
}
