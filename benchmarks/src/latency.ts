import { generateSecret } from "@hooks/signing";
import { createTemporaryFolder, startPostgres, startRedis } from "@hooks/testkit";
import type { BenchOptions, Comparison } from "./bench.ts";
import { quantile } from "./measure.ts";
import { capacityOf, createRuns, type PacedRun, runPaced } from "./paced.ts";
import type { LatencyUrls } from "./peers/latency-sink.ts";
import { type PeerProcess, startPeer } from "./peer-process.ts";
import { createScope, type Scope } from "./scope.ts";

const endpoints = 50;

/** After the commit a delivery is to be at its endpoint within so much, in the median. */
const fromCommitMs = 5;

/** How often the peer's Redis syncs: every second, as most have it, and before it answers, as ours does. */
const fsyncs = ["everysec", "always"] as const;

const p50 = (run: PacedRun) => run.p50;
const p99 = (run: PacedRun) => run.p99;
const committed = (run: PacedRun) => run.p50FromCommit;

/**
 * From the call of `publish` to the request's arrival, at half of what the slowest contender can publish and deliver. A
 * contender publishes and delivers in one process; publishing is one event a call.
 */
export async function* latency({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  const scope = createScope();
  try {
    const { sink, peers } = await startPeers(scope);
    const perSecond = Math.round((await slowestOf(Object.values(peers), quick ? 500 : 1_000)) / 2);
    const runsOf = (peer: PeerProcess) =>
      createRuns((ms) => runPaced(peer, { sink, ms, perSecond, endpoints, answering: endpoints }));
    const common = { better: "lower", rounds: quick ? 9 : 31, sliceMs: quick ? 500 : 1_000 } as const;
    for (const [store, peer] of [
      ["SQLite", peers.sqlite],
      ["PostgreSQL", peers.postgres],
    ] as const) {
      const name = `@hooks/sender, ${store}`;
      const title = `${perSecond}/s, ${store}`;
      const ours = runsOf(peer);
      const theirs = fsyncs.map((fsync) => ({
        name: `BullMQ + undici, Redis ${fsync}`,
        target: 1,
        runs: runsOf(peers[fsync]),
      }));
      yield {
        ...common,
        name: title,
        unit: "ms p50",
        ours: { name, measure: ours.first(p50) },
        others: theirs.map(({ runs, ...peer }) => ({ ...peer, measure: runs.first(p50) })),
      };
      yield {
        ...common,
        name: title,
        unit: "ms p99",
        ours: { name, measure: ours.again(p99) },
        others: theirs.map(({ runs, ...peer }) => ({ ...peer, measure: runs.again(p99) })),
      };
      yield {
        ...common,
        name: `${title}, from the commit`,
        unit: "ms p50",
        ours: { name, measure: ours.again(committed) },
        others: [{ name: `${fromCommitMs} ms`, target: 1, measure: () => fromCommitMs }],
      };
    }
  } finally {
    await scope.stop();
  }
}

/** What the slowest contender can do, in the median of several turns. */
async function slowestOf(peers: readonly PeerProcess[], sliceMs: number): Promise<number> {
  for (const peer of peers) await capacityOf(peer, 2 * sliceMs);
  const capacities = peers.map((): number[] => []);
  for (let round = 0; round < 5; round += 1)
    for (const [index, peer] of peers.entries()) capacities[index]?.push(await capacityOf(peer, sliceMs));
  return Math.min(...capacities.map((ofPeer) => quantile(ofPeer, 0.5)));
}

async function startPeers(scope: Scope) {
  const secret = generateSecret();
  const sink = scope.add(await startPeer("latency-sink", { endpoints }));
  const { answering: urls } = sink.ready as LatencyUrls;
  const folder = createTemporaryFolder("hooks-bench");
  scope.add({ stop: () => folder.remove() });
  const { url } = scope.add(await startPostgres());
  const start = async (name: string, more: object) =>
    scope.add(await startPeer(name, { urls, secret, ...more }));
  const startBullmq = async (appendfsync: (typeof fsyncs)[number]) => {
    const { port } = scope.add(await startRedis({ appendfsync }));
    return start("latency-bullmq", { redisPort: port });
  };
  return {
    sink,
    peers: {
      sqlite: await start("latency-hooks", { store: { folder: folder.path } }),
      postgres: await start("latency-hooks", { store: { url } }),
      everysec: await startBullmq("everysec"),
      always: await startBullmq("always"),
    },
  };
}
