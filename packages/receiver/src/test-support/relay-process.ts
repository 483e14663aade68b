import { argv } from "node:process";
import { createBullmqDestination } from "../destinations/bullmq.ts";
import { createNatsDestination } from "../destinations/nats.ts";
import { createRedisStreamDestination } from "../destinations/redis-stream.ts";
import { createRedisInbox } from "../inbox/redis.ts";
import { createSqliteInbox } from "../inbox/sqlite.ts";
import { createRelay } from "../relay.ts";

/** What a process of `relay-kill.test.ts` is told as its argument, in JSON. */
export interface RelayProcess {
  /** A Redis URL, or the path of a SQLite file. */
  readonly inbox: string;
  /** The Redis that the destinations `stream` and `jobs` are in. */
  readonly target: string;
  /** The NATS that the destination `bus` is in. */
  readonly bus: string;
  readonly source: string;
  readonly concurrency: number;
}

const { inbox, target, bus, source, concurrency } = JSON.parse(argv[2] ?? "{}") as RelayProcess;
createRelay({
  inbox: inbox.startsWith("redis:") ? createRedisInbox({ url: inbox }) : createSqliteInbox({ path: inbox }),
  routes: {
    [source]: [
      createRedisStreamDestination({ name: "stream", url: target, stream: `stream-${source}` }),
      createBullmqDestination({ name: "jobs", url: target, queue: `jobs-${source}` }),
      createNatsDestination({ name: "bus", url: bus, subject: source }),
    ],
  },
  concurrency,
  leaseMs: 1_000,
  heartbeatMs: 300,
  pollMs: 50,
}).start();
