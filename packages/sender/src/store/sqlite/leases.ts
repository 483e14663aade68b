import type { DatabaseSync } from "node:sqlite";
import { type Crew, LONGEST_LEASE_MS, planOwnership, type ShardRecord } from "../../core/sharding.ts";
import type { LeaseRequest, Ownership, Work } from "../../store.ts";
import type { Seals } from "../seals.ts";
import type { Write } from "./commit-queue.ts";
import { areApart, readBoot } from "./boot.ts";
import { createRecovery } from "./recovery.ts";

interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly expiresMs: number;
}

/** Tells whether the process of a worker is certainly gone, so that its lease need not be waited for. */
export type IsProcessGone = (worker: Pick<WorkerRow, "id" | "host" | "pid">) => boolean;

export interface LeasesOptions {
  readonly seals: Seals;
  readonly isProcessGone: IsProcessGone;
}

/** Who owns which shard. A worker's lease is one row, whatever number of shards it covers. */
export function createLeases(
  database: DatabaseSync,
  write: Write,
  { seals, isProcessGone }: LeasesOptions,
): Pick<Work, "lease" | "release"> {
  const recovery = createRecovery(database, seals);
  const statements = prepare(database);
  const boot = readBoot();

  const shards = () =>
    statements.shards.all().map((row) => ({
      shard: Number(row["shard"]),
      owner: row["owner"] === null ? undefined : String(row["owner"]),
      epoch: Number(row["epoch"]),
    }));

  const crew = (): Crew => {
    const rows = statements.workers.all();
    const ids = (some: typeof rows) => new Set(some.map((row) => String(row["id"])));
    return { live: ids(rows), leaving: ids(rows.filter((row) => row["is_leaving"] === 1)) };
  };

  const removeDeadWorkers = (clockMs: number): void => {
    for (const row of statements.workers.all()) {
      const worker = { id: String(row["id"]), host: String(row["host"]), pid: Number(row["pid"]) };
      const leftMs = Number(row["expires_ms"]) - clockMs;
      const isOver = leftMs <= 0 || leftMs > LONGEST_LEASE_MS || areApart(String(row["boot"]), boot);
      if (isOver || isProcessGone(worker)) statements.removeWorker.run(worker.id);
    }
  };

  const takeOver = (
    records: readonly ShardRecord[],
    { worker, nowMs, maxInterruptions, announceDeath }: LeaseRequest,
  ): void => {
    for (const [owner, theirs] of Map.groupBy(records, (record) => record.owner))
      if (owner !== undefined) {
        const taken = new Set(theirs.map(({ shard }) => shard));
        recovery.interrupt({ worker: owner, shards: taken, nowMs, maxInterruptions, announceDeath });
      }
    for (const { shard } of records) statements.own.run(worker.id, shard);
  };

  const lease = (request: LeaseRequest): Ownership => {
    const { worker, leaseMs } = request;
    const clockMs = readClockMs();
    removeDeadWorkers(clockMs);
    const isLeaving = request.isLeaving === true ? 1 : 0;
    statements.renew.run(worker.id, worker.host, worker.pid, clockMs + leaseMs, isLeaving, boot);
    const before = shards();
    const plan = planOwnership(worker.id, before, crew());
    const wanted = new Set(plan.takeOver);
    takeOver(
      before.filter(({ shard }) => wanted.has(shard)),
      request,
    );
    recovery.forgetOwnerless();
    const owned = shards().filter(({ owner }) => owner === worker.id);
    return { owned: owned.map(({ shard, epoch }) => ({ shard, epoch })), excess: plan.excess };
  };

  const release = (worker: string, only?: readonly number[]): void => {
    const named = new Set(only ?? shards().map(({ shard }) => shard));
    for (const { shard, owner } of shards())
      if (owner === worker && named.has(shard)) statements.disown.run(shard);
    if (only === undefined) statements.removeWorker.run(worker);
  };

  return {
    lease: (request) => write(() => lease(request)),
    release: (worker, only) => write(() => release(worker, only)),
  };
}

/** Since the machine was started: one for all its processes, that nobody can set. It says nothing of leases of another start. */
function readClockMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

function prepare(database: DatabaseSync) {
  return {
    shards: database.prepare("SELECT shard, owner, epoch FROM shards ORDER BY shard"),
    own: database.prepare("UPDATE shards SET owner = ?, epoch = epoch + 1 WHERE shard = ?"),
    disown: database.prepare("UPDATE shards SET owner = NULL WHERE shard = ?"),
    workers: database.prepare("SELECT id, host, pid, expires_ms, is_leaving, boot FROM workers"),
    removeWorker: database.prepare("DELETE FROM workers WHERE id = ?"),
    renew: database.prepare(
      `INSERT INTO workers (id, host, pid, expires_ms, is_leaving, boot) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET expires_ms = excluded.expires_ms, is_leaving = excluded.is_leaving`,
    ),
  };
}
