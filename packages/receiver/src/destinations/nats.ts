import { jetstream } from "@nats-io/jetstream";
import { errors, headers as createHeaders, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { DeliveryResult, Destination, OutgoingEntry } from "../destination.ts";
import { connectNats } from "./nats-connection.ts";
import { createSending, messageHeaders } from "./sending.ts";

export interface NatsDestinationOptions {
  readonly name: string;
  /** `nats://HOST:PORT` or `tls://…`, several separated by commas. */
  readonly url: string;
  /** The subject to publish to. A stream has to be there that takes it; none is made. */
  readonly subject: string;
  /** Where the server asks for one. */
  readonly token?: string | undefined;
  /** How long JetStream may take to confirm. Default 5,000 ms. */
  readonly timeoutMs?: number;
}

/**
 * Publishes each event to NATS JetStream and awaits its `PubAck`. The payload is the bytes as received; the headers are
 * those that were kept with `hooks-source`, `hooks-event-id` and `hooks-event-type`. Source and id make the `Nats-Msg-Id`,
 * so that the stream keeps an event once that is sent again within its `duplicate_window` (NATS' default: 2 minutes).
 */
export function createNatsDestination(options: NatsDestinationOptions): Destination {
  const { name, url, subject, token, timeoutMs = 5_000 } = options;
  const reliable = connectNats({ url, token, timeoutMs });
  return createSending({
    name,
    kind: "nats",
    timeoutMs,
    send: (entry) => reliable.use((connection) => publish({ connection, subject, timeoutMs }, entry)),
    end: () => reliable.close(),
  });
}

interface Publishing {
  readonly connection: NatsConnection;
  readonly subject: string;
  readonly timeoutMs: number;
}

async function publish(
  { connection, subject, timeoutMs }: Publishing,
  entry: OutgoingEntry,
): Promise<DeliveryResult> {
  try {
    await jetstream(connection).publish(subject, entry.body, {
      msgID: `${entry.source}:${entry.eventId}`,
      headers: toHeaders(entry),
      timeout: timeoutMs,
      retries: 0,
    });
    return { kind: "confirmed" };
  } catch (error) {
    if (isTooLarge(error)) return tooLarge(connection.info?.max_payload);
    // Also what it says when JetStream as a whole is not there.
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof errors.RequestError && cause.isNoResponders())) throw error;
    return { kind: "retry", reason: `nats: no stream takes the subject ${subject}` };
  }
}

function toHeaders(entry: OutgoingEntry): MsgHdrs {
  const result = createHeaders();
  for (const [name, value] of Object.entries(messageHeaders(entry))) result.set(name, value);
  return result;
}

/** The client counts what is sent: the headers, too. Its error has nothing else to be told by. */
function isTooLarge(error: unknown): boolean {
  return error instanceof errors.InvalidArgumentError && error.message.includes("max_payload");
}

function tooLarge(largest: number | undefined): DeliveryResult {
  return {
    kind: "rejected",
    reason: `nats: larger, with its headers, than the server's max_payload of ${largest} bytes`,
  };
}
