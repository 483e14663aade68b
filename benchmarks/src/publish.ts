import { createTemporaryFolder, startPostgres, startRedis } from "@hooks/testkit";
import type { BenchOptions, Comparison, Contender } from "./bench.ts";
import type { Drained } from "./drain.ts";
import { emptyRedis } from "./empty-redis.ts";
import { startPeer } from "./peer-process.ts";
import { createScope, type Scope } from "./scope.ts";
import type { StoreSettings } from "./peers/sender.ts";

/** Events of one call. */
const batch = 100;

/**
 * Events a second that are kept: validated, with a delivery each, in batches of 100 that are on disk when they are
 * answered. Every contender is a process of its own.
 */
export async function* publish({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  const scope = createScope();
  try {
    const { sqlite, postgres, bullmq } = await startContenders(scope);
    // Many short turns: a disk that hangs for a while spoils a few of them, and the median leaves those out.
    const common = { unit: "event/s", better: "higher", rounds: quick ? 11 : 41, sliceMs: 300 } as const;
    for (const { name, publishers } of [
      { name: `batches of ${batch}, one after another`, publishers: 1 },
      { name: `batches of ${batch}, 8 publishers`, publishers: 8 },
    ]) {
      const others = [bullmq(publishers)];
      yield { ...common, name: `${name}, SQLite`, ours: sqlite(publishers), others };
      yield { ...common, name: `${name}, PostgreSQL`, ours: postgres(publishers), others };
    }
  } finally {
    await scope.stop();
  }
}

async function startContenders(scope: Scope) {
  const folder = createTemporaryFolder("hooks-bench");
  scope.add({ stop: () => folder.remove() });
  const { url } = scope.add(await startPostgres());
  const redis = scope.add(await startRedis({ appendfsync: "everysec" }));
  const start = async (name: string, settings: object) => {
    const peer = scope.add(await startPeer(name, { batch, ...settings }));
    // The peer's answer is that of its drain.
    return async (ms: number, publishers: number) => (await peer.ask({ ms, publishers })) as Drained;
  };
  const startOurs = (store: StoreSettings) => start("publish-hooks", { store });
  const ours = { sqlite: await startOurs({ folder: folder.path }), postgres: await startOurs({ url }) };
  const bullmq = await start("publish-bullmq", { redisPort: redis.port });
  return {
    sqlite: (publishers: number): Contender => ({
      name: "@hooks/sender, SQLite",
      measure: async (ms) => (await ours.sqlite(ms, publishers)).perSecond,
    }),
    postgres: (publishers: number): Contender => ({
      name: "@hooks/sender, PostgreSQL",
      measure: async (ms) => (await ours.postgres(ms, publishers)).perSecond,
    }),
    bullmq: (publishers: number): Contender => ({
      name: "BullMQ addBulk, Redis everysec",
      target: 1.5,
      measure: async (ms) => {
        const { perSecond } = await bullmq(ms, publishers);
        await emptyRedis(redis);
        return perSecond;
      },
    }),
  };
}
