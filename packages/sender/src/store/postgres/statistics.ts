import type { EndpointHealth } from "../../core/endpoint-health.ts";
import { shardOf } from "../../core/sharding.ts";
import type { Statistics } from "../../store.ts";
import type { Database, Statement } from "./database.ts";
import { text } from "./parameters.ts";

/** $1 endpoint, $2 shard, $3 the most to count */
const STATISTICS: Statement = {
  name: "endpoint_statistics",
  text: `
    SELECT (SELECT document FROM hooks.health WHERE endpoint = $1) AS health,
      (SELECT count(*) FROM (
        SELECT FROM hooks.pending WHERE shard = $2::smallint AND endpoint = $1 LIMIT $3::bigint
      ) AS scheduled) AS scheduled,
      (SELECT count(*) FROM (
        SELECT FROM hooks.finished WHERE endpoint = $1 AND state = 'dead' LIMIT $3::bigint
      ) AS dead) AS dead`,
};

/** How endpoints are doing. */
export function createStatistics({ query }: Pick<Database, "query">): Statistics {
  return {
    async endpointStatistics(endpoint, most) {
      const [row] = await query(STATISTICS, [text(endpoint), shardOf(endpoint), most]);
      const health = row?.["health"] ?? null;
      return {
        scheduled: Number(row?.["scheduled"]),
        dead: Number(row?.["dead"]),
        // Written by `settle`.
        ...(health === null ? {} : { health: JSON.parse(String(health)) as EndpointHealth }),
      };
    },
  };
}
