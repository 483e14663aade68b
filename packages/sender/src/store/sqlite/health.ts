import type { DatabaseSync } from "node:sqlite";
import type { EndpointHealth } from "../../core/endpoint-health.ts";
import type { HealthChange, HealthRecord } from "../../store.ts";

/** What is remembered of endpoints that failed lately. */
export function createHealth(database: DatabaseSync) {
  const statements = {
    ofShard: database.prepare("SELECT endpoint, document FROM health WHERE shard = ?"),
    of: database.prepare("SELECT document FROM health WHERE endpoint = ?"),
    keep: database.prepare(
      `INSERT INTO health (endpoint, shard, document) SELECT id, ?, ? FROM endpoints WHERE id = ?
       ON CONFLICT (endpoint) DO UPDATE SET document = excluded.document`,
    ),
    forget: database.prepare("DELETE FROM health WHERE endpoint = ?"),
  };
  return {
    ofShards: (shards: readonly number[]): readonly HealthRecord[] =>
      shards.flatMap((shard) =>
        statements.ofShard.all(shard).map((row) => ({
          endpoint: String(row["endpoint"]),
          // Written below.
          health: JSON.parse(String(row["document"])) as EndpointHealth,
        })),
      ),
    of(endpoint: string): EndpointHealth | undefined {
      const row = statements.of.get(endpoint);
      // Written below.
      return row === undefined ? undefined : (JSON.parse(String(row["document"])) as EndpointHealth);
    },
    /** Inside a transaction. Nothing is kept of an endpoint that is gone. */
    change({ endpoint, shard, health }: HealthChange): void {
      if (health === undefined) statements.forget.run(endpoint);
      else statements.keep.run(shard, JSON.stringify(health), endpoint);
    },
    forget: (endpoint: string) => void statements.forget.run(endpoint),
  };
}
