import { jetstream } from "@nats-io/jetstream";
import {
  connect,
  errors,
  headers as createHeaders,
  type MsgHdrs,
  type NatsConnection,
} from "@nats-io/transport-node";
import type { DeliveryResult, Destination, OutgoingEntry } from "../destination.ts";
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
  const { name, subject, timeoutMs = 5_000 } = options;
  let connecting: Promise<NatsConnection> | undefined;
  const open = () => {
    connecting ??= openConnection(options).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };
  return createSending({
    name,
    kind: "nats",
    timeoutMs,
    send: async (entry) => {
      const connection = await open();
      const headers = toHeaders(entry);
      try {
        await jetstream(connection).publish(subject, entry.body, {
          msgID: `${entry.source}:${entry.eventId}`,
          headers,
          timeout: timeoutMs,
          retries: 0,
        });
        return undefined;
      } catch (error) {
        if (isTooLarge(error)) return tooLarge(connection.info?.max_payload);
        // Also what it says when JetStream as a whole is not there.
        const cause = error instanceof Error ? error.cause : undefined;
        if (!(cause instanceof errors.RequestError && cause.isNoResponders())) throw error;
        return { kind: "retry", reason: `nats: no stream takes the subject ${subject}` };
      }
    },
    end: async () => {
      const connection = await connecting?.catch(() => undefined);
      await connection?.close();
    },
  });
}

/** After the first time the client connects again by itself. */
function openConnection({ url, token, timeoutMs = 5_000 }: NatsDestinationOptions): Promise<NatsConnection> {
  return connect({
    servers: url.split(","),
    name: "hooks-destination",
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    pingInterval: 5_000,
    maxPingOut: 2,
    ignoreClusterUpdates: true,
    ...(token === undefined ? {} : { token }),
  });
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
