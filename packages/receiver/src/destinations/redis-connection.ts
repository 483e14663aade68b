import { Redis } from "ioredis";

export interface RedisConnectionOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** How long Redis may take to answer. Default 2,000 ms. */
  readonly commandTimeoutMs?: number;
}

/** A connection that fails fast while Redis is away, and comes back by itself. */
export function connectRedis({ url, commandTimeoutMs = 2_000 }: RedisConnectionOptions): Redis {
  const client = new Redis(url, {
    connectionName: "hooks-destination",
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    socketTimeout: 5_000,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  });
  // Every command reports its own failure; without a listener the same failure would end the process.
  client.on("error", () => {});
  return client;
}
