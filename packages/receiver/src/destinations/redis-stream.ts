import type { Destination, OutgoingEntry } from "../destination.ts";
import { connectDestination, type RedisConnectionOptions } from "./redis-connection.ts";
import { createSending, toBuffer } from "./sending.ts";

export interface RedisStreamDestinationOptions extends RedisConnectionOptions {
  readonly name: string;
  /** The stream's key. Nothing is ever trimmed from it: that is its consumers' decision. */
  readonly stream: string;
}

/**
 * Adds each event to a Redis stream with the fields `id`, `type`, `source`, `body` (the bytes as received) and
 * `headers` (JSON). Consumers deduplicate by `source` and `id`.
 */
export function createRedisStreamDestination(options: RedisStreamDestinationOptions): Destination {
  const { name, stream, commandTimeoutMs = 2_000 } = options;
  const { client, ready } = connectDestination(options);
  return createSending({
    name,
    kind: "redis",
    // After the client's own two, which say more.
    timeoutMs: 2 * commandTimeoutMs + 1_000,
    send: async (entry) => {
      await ready();
      await client.xadd(stream, "*", ...toFields(entry));
      return undefined;
    },
    end: () => client.disconnect(),
  });
}

function toFields({ eventId, eventType = "", source, headers, body }: OutgoingEntry): (string | Buffer)[] {
  const text = { id: eventId, type: eventType, source, headers: JSON.stringify(headers) };
  return [...Object.entries(text).flat(), "body", toBuffer(body)];
}
