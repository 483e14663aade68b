import { randomUUID } from "node:crypto";
import {
  type ConfirmChannel,
  connect,
  type Message,
  type Options,
  type RecoveringChannelModel,
} from "amqplib";
import type { DeliveryResult, Destination, OutgoingEntry } from "../destination.ts";
import { within } from "../within.ts";
import { createSending, messageHeaders, toBuffer } from "./sending.ts";

export interface RabbitmqDestinationOptions {
  readonly name: string;
  /** `amqp://` or `amqps://`, with user, password and virtual host. */
  readonly url: string;
  readonly to: RabbitmqTarget;
  /** How long RabbitMQ may take to confirm. Default 5,000 ms. */
  readonly timeoutMs?: number;
}

/** A queue, which is declared as a durable quorum queue, also when it was deleted, or an exchange that is there already. */
export type RabbitmqTarget =
  | { readonly queue: string }
  | { readonly exchange: string; readonly routingKey: string };

/**
 * Publishes each event to RabbitMQ: persistent, with a publisher's confirm awaited, and `mandatory`, so that a message no
 * queue takes counts as refused and is tried again. The body is the bytes as received; `message_id` is the event's id,
 * `type` its type, and the headers are those that were kept with `hooks-source`, `hooks-event-id` and `hooks-event-type`.
 * RabbitMQ does not deduplicate: consumers do, by source and id.
 *
 * While RabbitMQ blocks the connection (out of memory or disk), and when a full queue refuses, events stay where they are.
 *
 * @throws TypeError for a URL that is none.
 */
export function createRabbitmqDestination(options: RabbitmqDestinationOptions): Destination {
  const { name, to, timeoutMs = 5_000 } = options;
  const publisher = createPublisher(options);
  return createSending({
    name,
    kind: "rabbitmq",
    timeoutMs,
    send: async (entry): Promise<DeliveryResult | undefined> => {
      const blocked = publisher.blocked();
      if (blocked !== undefined) return { kind: "retry", reason: `rabbitmq: blocked: ${blocked}` };
      const refusal = await publisher.publish(toEnvelope(entry, to), toBuffer(entry.body));
      if (refusal === undefined) return undefined;
      return { kind: "retry", reason: `rabbitmq: no queue takes the message (${refusal})` };
    },
    end: () => within(timeoutMs, publisher.close()),
  });
}

interface Publisher {
  /** Why the server takes nothing just now. */
  blocked(): string | undefined;
  /** Resolves when the server has the message for good, with why no queue has it if none has; rejects otherwise. */
  publish(envelope: Envelope, body: Buffer): Promise<string | undefined>;
  close(): Promise<void>;
}

/** A connection that comes back by itself, and a channel that is opened anew after it was closed. */
function createPublisher({ url, to, timeoutMs = 5_000 }: RabbitmqDestinationOptions): Publisher {
  let blocked: string | undefined;
  let channel: Promise<ConfirmChannel> | undefined;
  const connecting = connect(withHeartbeat(url), {
    timeout: timeoutMs,
    noDelay: true,
    clientProperties: { connection_name: "hooks-destination" },
    recovery: { waitForConnect: false, initialDelay: 100, maxDelay: 1_000 },
  });
  const listening = connecting.then((connection) => {
    connection.on("blocked", (reason) => void (blocked = reason));
    connection.on("unblocked", () => void (blocked = undefined));
    connection.on("disconnect", () => void (channel = blocked = undefined));
    // Every message reports its own failure; without a listener the same failure would end the process.
    connection.on("error", () => {});
    return connection;
  });
  const returned = new Map<string, string>();
  const forget = () => void (channel = undefined);
  const open = async (connection: RecoveringChannelModel) => {
    const opened = await connection.createConfirmChannel();
    opened.on("error", forget);
    opened.on("close", forget);
    // Comes before the confirm of the same message.
    opened.on("return", ({ properties, fields }: Message) => {
      returned.set(String(properties.correlationId), String("replyText" in fields ? fields.replyText : ""));
    });
    await declareQueue(opened, to);
    return opened;
  };
  const current = () => {
    const opening = (channel ??= listening.then(open));
    opening.catch(() => {
      if (channel === opening) channel = undefined;
    });
    return opening;
  };
  return {
    blocked: () => blocked,
    publish: async (envelope, body) => {
      const correlationId = randomUUID();
      const opened = await current();
      const properties = { ...envelope.properties, correlationId };
      await confirm(opened, { ...envelope, properties }, body);
      const refusal = returned.get(correlationId);
      returned.delete(correlationId);
      // Somebody has deleted the queue.
      if (refusal !== undefined) await declareQueue(opened, to);
      return refusal;
    },
    close: async () => (await listening).close(),
  };
}

async function declareQueue(channel: ConfirmChannel, to: RabbitmqTarget): Promise<void> {
  if (!("queue" in to)) return;
  await channel.assertQueue(to.queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
}

interface Envelope {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: Options.Publish;
}

function confirm(
  channel: ConfirmChannel,
  { exchange, routingKey, properties }: Envelope,
  body: Buffer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.publish(exchange, routingKey, body, properties, (error: unknown) => {
      if (error === null || error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error("the server did not take the message"));
    });
  });
}

/** The longest text of a property, in bytes. */
const shortText = 255;

function toEnvelope(entry: OutgoingEntry, to: RabbitmqTarget): Envelope {
  const { eventId, eventType, headers } = entry;
  const contentType = headers["content-type"];
  return {
    ...("queue" in to ? { exchange: "", routingKey: to.queue } : to),
    properties: {
      mandatory: true,
      persistent: true,
      messageId: eventId,
      headers: messageHeaders(entry),
      ...(isShort(eventType) ? { type: eventType } : {}),
      ...(isShort(contentType) ? { contentType } : {}),
    },
  };
}

function isShort(text: string | undefined): text is string {
  return text !== undefined && Buffer.byteLength(text) <= shortText;
}

/** A server that has been silent for two heartbeats of 10 seconds is given up, unless the URL says otherwise. */
function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has("heartbeat")) parsed.searchParams.set("heartbeat", "10");
  return parsed.href;
}
