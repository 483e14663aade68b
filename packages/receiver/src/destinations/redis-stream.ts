import { Redis } from "ioredis";
import type { Destination, OutgoingEntry } from "../destination.ts";

export interface RedisStreamDestinationOptions {
  readonly name: string;
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** The stream's key. Nothing is ever trimmed from it: that is its consumers' decision. */
  readonly stream: string;
  /** Default 2,000 ms. */
  readonly commandTimeoutMs?: number;
}

/**
 * Adds each event to a Redis stream with the fields `id`, `type`, `source`, `body` (the bytes as received) and
 * `headers` (JSON). Consumers deduplicate by `id`.
 */
export function createRedisStreamDestination(options: RedisStreamDestinationOptions): Destination {
  const { name, url, stream, commandTimeoutMs = 2_000 } = options;
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
  return {
    name,
    close: async () => client.disconnect(),
    deliver: async (entry) => {
      try {
        await client.xadd(stream, "*", ...toFields(entry));
        return { kind: "confirmed" };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { kind: "retry", reason: `redis: ${reason.slice(0, 200)}` };
      }
    },
  };
}

function toFields({ eventId, eventType = "", source, headers, body }: OutgoingEntry): (string | Buffer)[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = { id: eventId, type: eventType, source, headers: JSON.stringify(headers) };
  return [...Object.entries(text).flat(), "body", bytes];
}
