import { argv } from "node:process";
import { createEgress } from "@hooks/egress";
import type { Destination } from "../destination.ts";
import { createBullmqDestination } from "../destinations/bullmq.ts";
import { createHttpDestination } from "../destinations/http.ts";
import { createNatsDestination } from "../destinations/nats.ts";
import { createRabbitmqDestination } from "../destinations/rabbitmq.ts";
import { createRedisStreamDestination } from "../destinations/redis-stream.ts";
import { createRedisInbox } from "../inbox/redis.ts";
import { createSqliteInbox } from "../inbox/sqlite.ts";
import { createRelay } from "../relay.ts";
import type { TargetAddress } from "./relay-target.ts";

/** What a relay in a process of its own is told as its argument, in JSON. */
export interface RelayProcess {
  /** A Redis URL, or the path of a SQLite file. */
  readonly inbox: string;
  readonly source: string;
  /** Where it delivers; each destination is named after its kind. */
  readonly targets: readonly TargetAddress[];
  readonly concurrency: number;
}

/** A busy machine must not make a destination take an answer that is late for a lost one: it would send more again. */
const patienceMs = 60_000;

const { inbox, source, targets, concurrency } = JSON.parse(argv[2] ?? "{}") as RelayProcess;
createRelay({
  inbox: inbox.startsWith("redis:") ? createRedisInbox({ url: inbox }) : createSqliteInbox({ path: inbox }),
  routes: { [source]: targets.map(openDestination) },
  // It goes on as long as it takes a broker to come back.
  schedule: Array.from({ length: 1_000 }, () => 100),
  concurrency,
  // Longer than a machine may stall: what is taken over from a relay that lives is sent twice.
  leaseMs: 6_000,
  heartbeatMs: 1_000,
  pollMs: 50,
}).start();

function openDestination({ kind, url, place }: TargetAddress): Destination {
  const name = kind;
  switch (kind) {
    case "http": {
      const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowHttp: true });
      return createHttpDestination({ name, url: `${url}/${place}`, egress, timeoutMs: patienceMs });
    }
    case "redis-stream":
      return createRedisStreamDestination({ name, url, stream: place, commandTimeoutMs: patienceMs });
    case "bullmq":
      return createBullmqDestination({ name, url, queue: place, commandTimeoutMs: patienceMs });
    case "rabbitmq":
      // Nor must it take a broker that stalls for one that has gone.
      return createRabbitmqDestination({
        name,
        url: `${url}?heartbeat=60`,
        to: { queue: place },
        timeoutMs: patienceMs,
      });
    case "nats":
      // The client waits so long for what was on its way when the connection was lost.
      return createNatsDestination({ name, url, subject: place, timeoutMs: 1_000 });
  }
}
