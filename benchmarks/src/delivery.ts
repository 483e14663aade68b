import { createTemporaryFolder, startPostgres, startRedis } from "@hooks/testkit";
import { generateSecret } from "@hooks/signing";
import type { BenchOptions, Comparison, Contender } from "./bench.ts";
import type { Drained } from "./drain.ts";
import type { LatencyUrls } from "./peers/latency-sink.ts";
import { type PeerProcess, startPeer } from "./peer-process.ts";
import { createScope, type Scope } from "./scope.ts";

const endpoints = 50;

/**
 * Deliveries a second out of a backlog, over 50 endpoints at one sink, each attempt recorded. Every contender is a
 * process of its own; what is published is not timed.
 */
export async function* delivery({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  const scope = createScope();
  try {
    const secret = generateSecret();
    const sink = scope.add(await startPeer("delivery-sink", { endpoints, secret }));
    const { sqlite, postgres, two, floor, others } = await createContenders(scope, sink, secret);
    const common = {
      unit: "delivery/s",
      better: "higher",
      rounds: quick ? 3 : 11,
      // Long beside what 500 requests in flight take at the end of a backlog.
      sliceMs: quick ? 1_000 : 2_000,
    } as const;
    const name = `1 kB, ${endpoints} endpoints`;
    yield { ...common, name, ours: sqlite, others: others(0.75) };
    yield { ...common, name: `${name}, PostgreSQL`, ours: postgres, others: [...others(0.8), floor] };
    yield { ...common, name: `${name}, two processes`, ours: two, others: [postgres] };
    yield await memory(scope, { quick, secret });
  } finally {
    await scope.stop();
  }
}

async function createContenders(scope: Scope, sink: PeerProcess, secret: string) {
  const settings = { urls: sink.ready, secret, bytes: 1_000, concurrency: 500 };
  const folder = createTemporaryFolder("hooks-bench");
  scope.add({ stop: () => folder.remove() });
  const [postgres, second, third] = [
    scope.add(await startPostgres()),
    scope.add(await startPostgres()),
    scope.add(await startPostgres()),
  ];
  const redis = scope.add(await startRedis({ appendfsync: "everysec" }));
  const start = async (name: string, more: object = {}) => {
    const peer = scope.add(await startPeer(name, { ...settings, ...more }));
    return measureAgainst(sink, peer);
  };
  const bullmq = await start("delivery-bullmq", { redisPort: redis.port });
  const request = await start("delivery-bare", { through: "request" });
  const dispatch = await start("delivery-bare", { through: "dispatch" });
  return {
    sqlite: {
      name: "@hooks/sender, SQLite",
      measure: await start("delivery-hooks", { store: { folder: folder.path } }),
    },
    postgres: {
      name: "@hooks/sender, PostgreSQL",
      measure: await start("delivery-hooks", { store: { url: postgres.url } }),
    },
    two: {
      name: "@hooks/sender, PostgreSQL, two processes",
      measure: await start("delivery-hooks", { store: { url: second.url }, isHelped: true }),
    },
    /** What anything that keeps deliveries in PostgreSQL has to do. */
    floor: {
      name: "bare undici request loop, least SQL",
      measure: await start("delivery-floor", { url: third.url }),
    },
    /** `limit`: the share of the bare loop that is aimed at. */
    others: (limit: number) => [
      { name: "BullMQ worker + undici, Redis everysec", measure: bullmq, target: 2 },
      { name: "bare undici request loop", measure: request, target: limit },
      { name: "bare undici dispatch loop", measure: dispatch },
    ],
  };
}

interface MemorySettings extends BenchOptions {
  readonly secret: string;
}

/** Every contender is a new process each time, with 1,000 requests in flight that nobody answers. */
async function memory(scope: Scope, { quick, secret }: MemorySettings): Promise<Comparison> {
  const concurrency = 1_000;
  const sink = scope.add(await startPeer("latency-sink", { endpoints: concurrency / 10 }));
  const { hanging: urls } = sink.ready as LatencyUrls;
  const settings = { urls, secret, bytes: 1_000, concurrency };
  const measure = (isOurs: boolean) => async () => {
    const folder = createTemporaryFolder("hooks-bench");
    const peer = await startPeer("delivery-memory", {
      ...settings,
      ...(isOurs ? { store: { folder: folder.path } } : {}),
    });
    const bytes = Number(await peer.ask({}));
    await peer.stop();
    folder.remove();
    return bytes / 1_000;
  };
  return {
    name: `memory with ${concurrency} in flight`,
    unit: "kB each",
    better: "lower",
    rounds: quick ? 1 : 5,
    ours: { name: "@hooks/sender, SQLite", measure: measure(true) },
    others: [{ name: "bare undici request", measure: measure(false) }],
  };
}

/** Has a peer drain a backlog and compares what it says with what came. */
function measureAgainst(sink: PeerProcess, peer: PeerProcess): Contender["measure"] {
  return async (ms) => {
    const before = await requestsOf(sink);
    // The peer's answer is that of its drain.
    const { count, perSecond } = (await peer.ask(ms)) as Drained;
    const came = (await requestsOf(sink)) - before;
    if (came !== count) throw new Error(`Expected ${count} requests at the sink, got ${came}`);
    return perSecond;
  };
}

async function requestsOf(sink: PeerProcess): Promise<number> {
  return ((await sink.ask({})) as { readonly requests: number }).requests;
}
