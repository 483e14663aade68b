import { generateSecret } from "@hooks/signing";
import { createTemporaryFolder, startPostgres } from "@hooks/testkit";
import type { BenchOptions, Comparison } from "./bench.ts";
import { capacityOf, runPaced } from "./paced.ts";
import type { LatencyUrls } from "./peers/latency-sink.ts";
import type { StoreSettings } from "./peers/sender.ts";
import { type PeerProcess, startPeer } from "./peer-process.ts";
import { createScope, type Scope } from "./scope.ts";

/** Half of them hang. */
const endpoints = 100;

/**
 * From the call of `publish` to the request's arrival at endpoints that answer, while as many others take requests and
 * never answer; at half of what the sender can publish and deliver when all answer.
 */
export async function* isolation({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  const scope = createScope();
  try {
    const sink = scope.add(await startPeer("latency-sink", { endpoints }));
    const secret = generateSecret();
    for (const store of ["SQLite", "PostgreSQL"] as const) {
      const inner = createScope();
      try {
        const start = await createStart(inner, { sink, secret, store });
        const [half, none] = [await start(endpoints / 2), await start(0)];
        await capacityOf(none, 1_000);
        const perSecond = Math.round((await capacityOf(none, 1_000)) / 2);
        const p99Of = (peer: PeerProcess) => async (ms: number) =>
          (await runPaced(peer, { sink, ms, perSecond, endpoints, answering: endpoints / 2 })).p99;
        yield {
          name: `${perSecond}/s, ${store}`,
          unit: "ms p99",
          better: "lower",
          rounds: quick ? 3 : 11,
          sliceMs: 2_000,
          ours: { name: `${endpoints / 2} of ${endpoints} endpoints hang`, measure: p99Of(half) },
          others: [{ name: "none hangs", target: 1.5, measure: p99Of(none) }],
        };
      } finally {
        await inner.stop();
      }
    }
  } finally {
    await scope.stop();
  }
}

interface Setting {
  readonly sink: PeerProcess;
  readonly secret: string;
  readonly store: "SQLite" | "PostgreSQL";
}

/** Starts a sender, with a store of its own, of whose endpoints so many hang. */
async function createStart(scope: Scope, { sink, secret, store }: Setting) {
  const { answering, hanging } = sink.ready as LatencyUrls;
  return async (hang: number) => {
    const urls = [...answering.slice(0, endpoints - hang), ...hanging.slice(0, hang)];
    const settings = { urls, secret, answering: endpoints - hang, store: await openStore(scope, store) };
    return scope.add(await startPeer("latency-hooks", settings));
  };
}

async function openStore(scope: Scope, store: Setting["store"]): Promise<StoreSettings> {
  if (store === "PostgreSQL") return { url: scope.add(await startPostgres()).url };
  const folder = createTemporaryFolder("hooks-bench");
  scope.add({ stop: () => folder.remove() });
  return { folder: folder.path };
}
