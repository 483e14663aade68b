import type { DatabaseSync } from "node:sqlite";
import { shardOf } from "../../core/sharding.ts";
import type { Statistics } from "../../store.ts";
import { createSnapshot } from "./database.ts";
import { createHealth } from "./health.ts";

/** How endpoints are doing. */
export function createStatistics(database: DatabaseSync): Statistics {
  const known = createHealth(database);
  const atOnce = createSnapshot(database);
  const statements = {
    scheduled: database.prepare(
      "SELECT count(*) AS count FROM (SELECT 1 FROM pending WHERE shard = ? AND endpoint = ? LIMIT ?)",
    ),
    dead: database.prepare(
      `SELECT count(*) AS count FROM (
         SELECT 1 FROM finished INDEXED BY unsent_by_endpoint
         WHERE endpoint = ? AND state = 'dead' AND state <> 'delivered' LIMIT ?)`,
    ),
  };
  return {
    endpointStatistics: async (endpoint, most) =>
      atOnce(() => {
        const health = known.of(endpoint);
        return {
          scheduled: Number(statements.scheduled.get(shardOf(endpoint), endpoint, most)?.["count"]),
          dead: Number(statements.dead.get(endpoint, most)?.["count"]),
          ...(health === undefined ? {} : { health }),
        };
      }),
  };
}
