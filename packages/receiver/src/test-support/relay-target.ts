import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  createTemporaryFolder,
  freePort,
  type ServerName,
  spawnApp,
  startNats,
  startRabbitmq,
  startRedis,
  until,
} from "@hooks/testkit";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect as connectNats } from "@nats-io/transport-node";
import { connect as connectAmqp, type GetMessage } from "amqplib";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import type { BullmqJobData } from "../destinations/bullmq.ts";
import { arrivalsIn } from "./redis-destination.ts";

export type TargetKind = "http" | "redis-stream" | "bullmq" | "rabbitmq" | "nats";

/** What a process needs to deliver there. */
export interface TargetAddress {
  readonly kind: TargetKind;
  readonly url: string;
  /** The path, stream, queue or subject. */
  readonly place: string;
}

/** A real server that a relay delivers to. */
export interface RelayTarget extends TargetAddress {
  /** Whether it keeps an event once that comes twice. */
  readonly deduplicates: boolean;
  /** The ids of the events of a source that are there. To be asked once a source: some targets hand over what they have. */
  arrivals(source: string): Promise<readonly string[]>;
  /** SIGKILL, and starts it again with what it has on disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface TargetRow {
  readonly kind: TargetKind;
  /** What has to be installed. */
  readonly server: ServerName | undefined;
  start(): Promise<RelayTarget>;
}

const place = "hooks";

export const relayTargets: readonly TargetRow[] = [
  { kind: "http", server: undefined, start: startHttp },
  { kind: "redis-stream", server: "redis", start: startStream },
  { kind: "bullmq", server: "redis", start: startBullmq },
  { kind: "rabbitmq", server: "rabbitmq", start: startQuorumQueue },
  { kind: "nats", server: "nats", start: startJetStream },
];

interface Arrived {
  readonly source: unknown;
  readonly id: unknown;
}

const idsOf = (arrived: readonly Arrived[], wanted: string) =>
  arrived.filter(({ source }) => source === wanted).map(({ id }) => String(id));

async function startHttp(): Promise<RelayTarget> {
  const folder = createTemporaryFolder("hooks-http-target");
  const file = `${folder.path}/arrived`;
  writeFileSync(file, "");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const main = fileURLToPath(new URL("http-target.ts", import.meta.url));
  const start = () => spawnApp({ main, args: [String(port), file], readyUrl: url, readyWithinMs: 60_000 });
  let app = await start();
  return {
    kind: "http",
    url,
    place,
    deduplicates: false,
    arrivals: async (wanted) => {
      const lines = readFileSync(file, "utf8").split("\n");
      return idsOf(
        lines.map((line) => ({ source: line.split(" ")[0], id: line.split(" ")[1] })),
        wanted,
      );
    },
    restart: async () => {
      await app.kill();
      app = await start();
    },
    stop: async () => {
      await app.kill();
      folder.remove();
    },
  };
}

function connectRedis(url: string): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: null });
  // It is killed.
  client.on("error", () => {});
  return client;
}

async function startStream(): Promise<RelayTarget> {
  const redis = await startRedis();
  const client = connectRedis(redis.url);
  return {
    kind: "redis-stream",
    url: redis.url,
    place,
    deduplicates: false,
    arrivals: async (wanted) => idsOf(await arrivalsIn(client, place), wanted),
    restart: redis.restart,
    stop: async () => {
      client.disconnect();
      await redis.stop();
    },
  };
}

async function startBullmq(): Promise<RelayTarget> {
  const redis = await startRedis();
  const client = connectRedis(redis.url);
  const queue = new Queue<BullmqJobData>(place, { connection: client });
  queue.on("error", () => {});
  return {
    kind: "bullmq",
    url: redis.url,
    place,
    deduplicates: true,
    arrivals: async (wanted) => {
      const jobs = await queue.getJobs(["waiting"]);
      return idsOf(
        jobs.map(({ data }) => data),
        wanted,
      );
    },
    restart: redis.restart,
    stop: async () => {
      await queue.close();
      client.disconnect();
      await redis.stop();
    },
  };
}

async function startQuorumQueue(): Promise<RelayTarget> {
  const rabbitmq = await startRabbitmq();
  const declare = await connectAmqp(rabbitmq.url);
  const channel = await declare.createChannel();
  await channel.assertQueue(place, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await declare.close();
  // It writes down half a second later where a new quorum queue is, and cannot find it if it is killed before.
  await rabbitmq.control("eval", "[dets:sync(Table) || Table <- dets:all()].");
  const drain = async () => {
    const connection = await connectAmqp(rabbitmq.url);
    try {
      const reading = await connection.createChannel();
      const messages: GetMessage[] = [];
      for (;;) {
        const message = await reading.get(place, { noAck: true });
        if (message === false) return messages;
        messages.push(message);
      }
    } finally {
      await connection.close();
    }
  };
  return {
    kind: "rabbitmq",
    url: rabbitmq.url,
    place,
    deduplicates: false,
    arrivals: async (wanted) => {
      const messages = await drain();
      return idsOf(
        messages.map(({ properties: { headers, messageId } }) => ({
          source: headers?.["hooks-source"],
          id: messageId,
        })),
        wanted,
      );
    },
    restart: rabbitmq.restart,
    stop: rabbitmq.stop,
  };
}

async function startJetStream(): Promise<RelayTarget> {
  const nats = await startNats();
  const connection = await connectNats({
    servers: nats.url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: place, subjects: [place] });
  return {
    kind: "nats",
    url: nats.url,
    place,
    deduplicates: true,
    arrivals: async (wanted) => {
      const { messages } = (await until(() => manager.streams.info(place))).state;
      const consumer = await jetstream(connection).consumers.get(place);
      const arrived: Arrived[] = [];
      for await (const { headers } of await consumer.fetch({ max_messages: messages, expires: 30_000 }))
        arrived.push({ source: headers?.get("hooks-source"), id: headers?.get("hooks-event-id") });
      return idsOf(arrived, wanted);
    },
    restart: nats.restart,
    stop: async () => {
      await connection.close();
      await nats.stop();
    },
  };
}
