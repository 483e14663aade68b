import { startPostgres, until, type PostgresServer } from "@hooks/testkit";
import { SHARD_COUNT } from "../core/sharding.ts";
import type { Delivery } from "../core/model.ts";
import { createPostgresStore } from "../store/postgres.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { createLoad, type Load, type LoadOptions } from "./load.ts";
import { startWitness, type Seen, type Witness } from "./witness.ts";

/** A PostgreSQL, somebody who publishes, workers in processes of their own, and who they send to. */
export interface Scene {
  readonly server: PostgresServer;
  readonly witness: Witness;
  readonly fleet: Fleet;
  createLoad(options: Pick<LoadOptions, "endpoints" | "subjects">): Promise<Load>;
  /** Waits until every one of these workers sends something, and nobody else does. */
  share(names: readonly string[]): Promise<void>;
  /** What came to endpoints that are ordered by subject. */
  ordered(): readonly Seen[];
  close(): Promise<void>;
}

export async function createScene(): Promise<Scene> {
  const server = await startPostgres({ settings: { fsync: "off" } });
  const witness = await startWitness();
  const fleet = createFleet(server.url);
  const loads: Load[] = [];
  return {
    server,
    witness,
    fleet,
    async createLoad(options) {
      const store = createPostgresStore({ url: server.url, timeoutMs: 60_000 });
      const load = await createLoad({ store, url: witness.url, ...options });
      loads.push(load);
      return load;
    },
    async share(names) {
      let since = witness.seen.length;
      const isShared = () => {
        const served = new Set(witness.seen.slice(since).map(({ worker }) => worker));
        const isOthers = [...served].some((name) => !names.includes(name));
        if (isOthers) since = witness.seen.length;
        return !isOthers && served.size === names.length;
      };
      await until(isShared, { timeoutMs: 120_000, what: `a share of the work for ${names.join(", ")}` });
    },
    ordered: () => witness.seen.filter(({ endpoint }) => endpoint.startsWith("/subject")),
    async close() {
      for (const load of loads) await load.stop();
      await fleet.close();
      for (const load of loads) await load.sender.stop();
      await witness.close();
      await server.stop();
    },
  };
}

/** An endpoint in one of every `every` shards; one in three goes by subject. */
export function endpointsIn(every: number): LoadOptions["endpoints"] {
  return Array.from({ length: SHARD_COUNT / every }, (_, index) => ({
    shard: index * every,
    ordering: index % 3 === 0 ? ("subject" as const) : ("none" as const),
  }));
}

/** Every delivery that was not delivered at once, with what its attempts came to. */
export async function retriedOf({ sender }: Load) {
  const found: { readonly delivery: Delivery; readonly outcomes: readonly string[] }[] = [];
  const limit = 1_000;
  let after: string | undefined = "";
  while (after !== undefined) {
    const page: readonly Delivery[] = await sender.deliveries.list({
      limit,
      ...(after === "" ? {} : { after }),
    });
    for (const delivery of page.filter(({ attempts, state }) => attempts !== 1 || state !== "delivered")) {
      const attempts = await sender.deliveries.attempts(delivery.id);
      found.push({ delivery, outcomes: attempts.map(({ outcome }) => outcome) });
    }
    after = page.at(-1)?.id;
  }
  return found;
}

/** What a worker in a process of its own should never say. */
export function troublesOf({ workers }: Fleet) {
  return workers.flatMap(({ said }) => said().filter(({ kind }) => kind === "unsettled" || kind === "fault"));
}
