import { planOwnership, type ShardRecord } from "../../core/sharding.ts";
import type { LeaseRequest, Ownership, Work } from "../../store.ts";
import type { Database, Session, Statement } from "./database.ts";
import { numbers, texts } from "./parameters.ts";
import { interrupt } from "./recovery.ts";

const STATEMENTS = {
  /** One worker at a time decides who owns what. */
  serialize: { name: "serialize_leases", text: "SELECT pg_advisory_xact_lock($1, hashtext('hooks.shards'))" },
  renew: {
    name: "renew_worker",
    text: `
      INSERT INTO hooks.workers (id, host, pid, expires_ms) VALUES ($1, $2, $3, $4)
      ON CONFLICT (id) DO UPDATE SET expires_ms = excluded.expires_ms`,
  },
  workers: { name: "live_workers", text: "SELECT id FROM hooks.workers WHERE expires_ms > $1" },
  shards: { name: "shards", text: "SELECT shard, owner, epoch FROM hooks.shards ORDER BY shard" },
  /** Waits for what these workers are taking and settling just now; afterwards they can do neither. */
  endWorkers: { name: "end_workers", text: "DELETE FROM hooks.workers WHERE id = ANY ($1::text[])" },
  own: {
    name: "own_shards",
    text: `
      UPDATE hooks.shards SET owner = $1, epoch = epoch + 1 WHERE shard = ANY ($2::smallint[])
      RETURNING shard, epoch`,
  },
  disown: {
    name: "disown_shards",
    text: `
      UPDATE hooks.shards SET owner = NULL WHERE owner = $1 AND ($2::smallint[] IS NULL OR shard = ANY ($2::smallint[]))`,
  },
  forgetOwnerless: {
    name: "forget_ownerless",
    text: `
      DELETE FROM hooks.journal WHERE worker NOT IN (SELECT id FROM hooks.workers)
        AND worker NOT IN (SELECT owner FROM hooks.shards WHERE owner IS NOT NULL)`,
  },
  /** Those that left without a word and own nothing. */
  forgetWorkers: {
    name: "forget_workers",
    text: `
      DELETE FROM hooks.workers WHERE expires_ms <= $1
        AND id NOT IN (SELECT owner FROM hooks.shards WHERE owner IS NOT NULL)`,
  },
} as const satisfies Record<string, Statement>;

/** Arbitrary; it stays, so that processes of different releases wait for each other. */
const LOCK = 7_236_416;

/** Who owns which shard. A worker's lease is one row, whatever number of shards it covers. */
export function createLeases({
  transaction,
}: Pick<Database, "transaction">): Pick<Work, "lease" | "release"> {
  return {
    lease: (request) => transaction((session) => lease(session, request)),
    release: (worker, shards) =>
      transaction(async ({ query }) => {
        await query(STATEMENTS.serialize, [LOCK]);
        await query(STATEMENTS.disown, [worker, shards === undefined ? null : numbers(shards)]);
        if (shards === undefined) await query(STATEMENTS.endWorkers, [texts([worker])]);
      }),
  };
}

async function lease({ query }: Session, request: LeaseRequest): Promise<Ownership> {
  const { worker, nowMs, leaseMs } = request;
  await query(STATEMENTS.serialize, [LOCK]);
  const [, workers, shards] = await Promise.all([
    query(STATEMENTS.renew, [worker.id, worker.host, worker.pid, nowMs + leaseMs]),
    query(STATEMENTS.workers, [nowMs]),
    query(STATEMENTS.shards, []),
  ]);
  const before = shards.map((row): ShardRecord & { readonly epoch: number } => ({
    shard: Number(row["shard"]),
    owner: row["owner"] === null ? undefined : String(row["owner"]),
    epoch: Number(row["epoch"]),
  }));
  const plan = planOwnership(worker.id, before, new Set(workers.map((row) => String(row["id"]))));
  const epochs = new Map(before.map(({ shard, epoch }) => [shard, epoch]));
  if (plan.takeOver.length > 0) {
    const wanted = new Set(plan.takeOver);
    const former = before.flatMap(({ shard, owner }) =>
      owner !== undefined && wanted.has(shard) ? [owner] : [],
    );
    if (former.length > 0) {
      const gone = [...new Set(former)];
      await query(STATEMENTS.endWorkers, [texts(gone)]);
      await interrupt(query, { workers: gone, shards: plan.takeOver, ...request });
    }
    const won = await query(STATEMENTS.own, [worker.id, numbers(plan.takeOver)]);
    for (const row of won) epochs.set(Number(row["shard"]), Number(row["epoch"]));
    await Promise.all([query(STATEMENTS.forgetOwnerless, []), query(STATEMENTS.forgetWorkers, [nowMs])]);
  }
  const owned = [...plan.keep, ...plan.takeOver].toSorted((one, other) => one - other);
  return { owned: owned.map((shard) => ({ shard, epoch: epochs.get(shard) ?? 0 })), excess: plan.excess };
}
