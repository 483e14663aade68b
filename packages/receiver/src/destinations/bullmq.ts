import { type JobsOptions, Queue, type QueueOptions } from "bullmq";
import type { Destination, OutgoingEntry } from "../destination.ts";
import { parseRedisUrl } from "../redis/redis-url.ts";
import { connectDestination, type RedisConnectionOptions } from "./redis-connection.ts";
import { createSending, messageHeaders, toBuffer } from "./sending.ts";

export interface BullmqDestinationOptions extends RedisConnectionOptions {
  readonly name: string;
  /** The queue's name. */
  readonly queue: string;
  /** What BullMQ's keys begin with. Default `bull`, as BullMQ has it. In a cluster it needs braces, such as `{bull}`. */
  readonly prefix?: string | undefined;
  /** For every job, such as `attempts` and `backoff` of its worker. `jobId` is the event's. */
  readonly jobOptions?: Omit<JobsOptions, "jobId">;
}

/** What a job's `data` has; `Buffer.from(data.body, data.encoding)` are the bytes as they were received. */
export interface BullmqJobData {
  readonly id: string;
  /** Missing when nothing told it. */
  readonly type?: string;
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `base64` where the bytes are not text. */
  readonly encoding: "utf8" | "base64";
}

/**
 * Adds each event to a BullMQ queue as a job named after its type (`event` where it has none), with `BullmqJobData`.
 * Source and event id make the job's id, so that an event that is sent again is no second job as long as the first is
 * kept: until it is removed by hand or by `removeOnComplete` or `removeOnFail`.
 *
 * @throws TypeError for a URL that is none, and for a cluster without braces in prefix or queue.
 */
export function createBullmqDestination(options: BullmqDestinationOptions): Destination {
  const { name, queue: queueName, prefix, jobOptions = {}, commandTimeoutMs = 2_000 } = options;
  checkSlot(options);
  const { client, ready } = connectDestination(options);
  let queue: Queue | undefined;
  return createSending({
    name,
    kind: "bullmq",
    timeoutMs: 2 * commandTimeoutMs + 1_000,
    send: async (entry) => {
      // BullMQ waits without end for a connection, and would then add what was given up long before.
      await ready();
      queue ??= openQueue(queueName, { connection: client, ...(prefix === undefined ? {} : { prefix }) });
      await queue.add(entry.eventType ?? "event", toData(entry), { ...jobOptions, jobId: toJobId(entry) });
      return undefined;
    },
    end: async () => {
      await queue?.close();
      client.disconnect();
    },
  });
}

/** BullMQ's scripts use several keys, which a cluster lets them only where all are in one slot. */
function checkSlot({ url, queue, prefix = "bull" }: BullmqDestinationOptions): void {
  if (parseRedisUrl(url).kind !== "cluster" || /\{[^}]+\}/.test(`${prefix}:${queue}`)) return;
  throw new TypeError(
    "Expected braces in prefix or queue, such as {bull}: a cluster keeps no BullMQ queue without.",
  );
}

function openQueue(name: string, options: QueueOptions): Queue {
  const queue = new Queue(name, options);
  // Every `add` reports its own failure; without a listener the same failure would end the process.
  queue.on("error", () => {});
  return queue;
}

/** BullMQ takes no `:` in an id. */
function toJobId({ source, eventId }: OutgoingEntry): string {
  return `${source}.${eventId.replaceAll(":", "%3A")}`;
}

function toData(entry: OutgoingEntry): BullmqJobData {
  const bytes = toBuffer(entry.body);
  const text = bytes.toString("utf8");
  const isText = Buffer.from(text).equals(bytes);
  return {
    id: entry.eventId,
    ...(entry.eventType === undefined ? {} : { type: entry.eventType }),
    source: entry.source,
    headers: messageHeaders(entry),
    body: isText ? text : bytes.toString("base64"),
    encoding: isText ? "utf8" : "base64",
  };
}
