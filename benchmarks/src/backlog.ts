import { createTemporaryFolder, startPostgres } from "@hooks/testkit";
import type { BenchOptions, Comparison } from "./bench.ts";
import type { BacklogQuestion } from "./peers/backlog-hooks.ts";
import type { StoreSettings } from "./peers/sender.ts";
import { type PeerProcess, startPeer } from "./peer-process.ts";
import { createScope, type Scope } from "./scope.ts";

/** Half of what waits is for one endpoint, half for all of these. */
const endpoints = 1_000;
const few = 10_000;

const questions = [
  { kind: "take", name: "take 5 from each of 50 endpoints" },
  { kind: "due", name: "look for what is due" },
] as const;

/**
 * What a worker's questions to the store cost with a backlog, beside a small one over the same endpoints. `take` is what
 * fetches; `due` is asked once a second, and after the store was away.
 */
export async function* backlog({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  for (const store of ["SQLite", "PostgreSQL"] as const) {
    const scope = createScope();
    try {
      const many = quick ? 200_000 : 1_000_000;
      const start = async (waiting: number) => ({
        name: `${waiting.toLocaleString("en")} waiting`,
        peer: scope.add(
          await startPeer("backlog-hooks", { waiting, endpoints, store: await openStore(scope, store) }),
        ),
      });
      const [ours, other] = [await start(many), await start(few)];
      for (const { kind, name } of questions) {
        const measure = (peer: PeerProcess) => async (ms: number) =>
          Number(await peer.ask({ kind, ms } satisfies BacklogQuestion));
        yield {
          name: `${name}, ${store}`,
          unit: "ms",
          better: "lower",
          rounds: quick ? 5 : 15,
          sliceMs: 500,
          ours: { name: ours.name, measure: measure(ours.peer) },
          others: [{ name: other.name, target: 1.5, measure: measure(other.peer) }],
        };
      }
    } finally {
      await scope.stop();
    }
  }
}

async function openStore(scope: Scope, store: "SQLite" | "PostgreSQL"): Promise<StoreSettings> {
  if (store === "PostgreSQL") return { url: scope.add(await startPostgres()).url };
  const folder = createTemporaryFolder("hooks-bench");
  scope.add({ stop: () => folder.remove() });
  return { folder: folder.path };
}
