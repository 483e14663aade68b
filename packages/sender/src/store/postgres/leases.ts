import { type Crew, LONGEST_LEASE_MS, planOwnership, type ShardRecord } from "../../core/sharding.ts";
import type { LeaseRequest, Ownership, Work } from "../../store.ts";
import { notifyOfShards } from "./announcements.ts";
import { CLOCK_MS } from "./clock.ts";
import type { Database, Row, Session, Statement } from "./database.ts";
import type { Seals } from "../seals.ts";
import type { KeyGuard } from "./keys.ts";
import { numbers, texts } from "./parameters.ts";
import { interrupt } from "./recovery.ts";

const STATEMENTS = {
  /** One worker at a time decides who owns what. */
  serialize: { name: "serialize_leases", text: "SELECT pg_advisory_xact_lock($1, hashtext('hooks.shards'))" },
  renew: {
    name: "renew_worker",
    text: `
      INSERT INTO hooks.workers (id, host, pid, expires_ms, is_leaving) VALUES ($1, $2, $3, ${CLOCK_MS} + $4::bigint, $5)
      ON CONFLICT (id) DO UPDATE SET expires_ms = excluded.expires_ms, is_leaving = excluded.is_leaving
      RETURNING xmax = 0 AS is_new`,
  },
  workers: {
    name: "live_workers",
    text: `
      SELECT id, is_leaving FROM hooks.workers CROSS JOIN (SELECT ${CLOCK_MS} AS now_ms) AS clock
      WHERE expires_ms > now_ms AND expires_ms <= now_ms + ${LONGEST_LEASE_MS}`,
  },
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
      DELETE FROM hooks.workers WHERE expires_ms <= ${CLOCK_MS}
        AND id NOT IN (SELECT owner FROM hooks.shards WHERE owner IS NOT NULL)`,
  },
  clock: {
    name: "clock",
    text: "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS now_ms",
  },
} as const satisfies Record<string, Statement>;

/** Arbitrary; it stays, so that processes of different releases wait for each other. */
const LOCK = 7_236_416;

export interface LeasesOptions extends Pick<Database, "query" | "transaction"> {
  readonly schema: string;
  readonly keys: Pick<KeyGuard, "follow" | "seals">;
}

/** Who owns which shard. A worker's lease is one row, whatever number of shards it covers, by the server's clock. */
export function createLeases({
  query,
  transaction,
  schema,
  keys,
}: LeasesOptions): Pick<Work, "lease" | "release"> {
  return {
    async lease(request) {
      // Whoever cannot read what others write now serves nobody.
      await keys.follow();
      const ownership = await transaction((session) =>
        lease(session, { schema, seals: keys.seals }, request),
      );
      // After the commit, which waits for the disk: by so much the worker's clock would be behind, and by so much what is
      // published would not be due for it yet.
      const [clock] = await query(STATEMENTS.clock, []);
      return { ...ownership, storeMs: Number(clock?.["now_ms"]) };
    },
    release: (worker, shards) =>
      transaction(async ({ query }) => {
        await query(STATEMENTS.serialize, [LOCK]);
        await query(STATEMENTS.disown, [worker, shards === undefined ? null : numbers(shards)]);
        if (shards === undefined) await query(STATEMENTS.endWorkers, [texts([worker])]);
        await notifyOfShards(query, schema);
      }),
  };
}

async function lease(
  { query }: Session,
  { schema, seals }: { readonly schema: string; readonly seals: Seals },
  request: LeaseRequest,
): Promise<Omit<Ownership, "storeMs">> {
  const { worker, leaseMs, isLeaving = false } = request;
  await query(STATEMENTS.serialize, [LOCK]);
  const [[renewed], workers, shards] = await Promise.all([
    query(STATEMENTS.renew, [worker.id, worker.host, worker.pid, leaseMs, String(isLeaving)]),
    query(STATEMENTS.workers, []),
    query(STATEMENTS.shards, []),
  ]);
  const before = shards.map((row): ShardRecord & { readonly epoch: number } => ({
    shard: Number(row["shard"]),
    owner: row["owner"] === null ? undefined : String(row["owner"]),
    epoch: Number(row["epoch"]),
  }));
  const plan = planOwnership(worker.id, before, crewOf(workers, request));
  const epochs = new Map(before.map(({ shard, epoch }) => [shard, epoch]));
  if (plan.takeOver.length > 0) {
    const wanted = new Set(plan.takeOver);
    const former = before.flatMap(({ shard, owner }) =>
      owner !== undefined && wanted.has(shard) ? [owner] : [],
    );
    if (former.length > 0) {
      const gone = [...new Set(former)];
      await query(STATEMENTS.endWorkers, [texts(gone)]);
      await interrupt(query, seals, { workers: gone, shards: plan.takeOver, ...request });
    }
    const won = await query(STATEMENTS.own, [worker.id, numbers(plan.takeOver)]);
    for (const row of won) epochs.set(Number(row["shard"]), Number(row["epoch"]));
    await Promise.all([query(STATEMENTS.forgetOwnerless, []), query(STATEMENTS.forgetWorkers, [])]);
  }
  // The others hand over its share.
  if (renewed?.["is_new"] === true) await notifyOfShards(query, schema);
  const owned = [...plan.keep, ...plan.takeOver].toSorted((one, other) => one - other);
  return {
    owned: owned.map((shard) => ({ shard, epoch: epochs.get(shard) ?? 0 })),
    excess: plan.excess,
  };
}

/** The one who asks is live, whatever its lease. */
function crewOf(rows: readonly Row[], { worker: { id }, isLeaving = false }: LeaseRequest): Crew {
  const leaving = idsOf(rows.filter((row) => row["is_leaving"] === true));
  return { live: new Set([id, ...idsOf(rows)]), leaving: new Set(isLeaving ? [id, ...leaving] : leaving) };
}

function idsOf(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => String(row["id"]));
}
