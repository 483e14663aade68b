import { createBatch } from "../batch.ts";
import { dedupeKey } from "../core/dedupe-key.ts";
import {
  type AcceptResult,
  type BatchResult,
  type ClaimedEntry,
  type ClaimRequest,
  type Finding,
  type Inbox,
  type InboxLimits,
  inboxLimits,
  type IncomingEvent,
  type Settlement,
} from "../inbox.ts";
import { createBell } from "./bell.ts";
import { type Database, openDatabase } from "./sqlite-database.ts";
import { type DeadRow, type EntryRow, toClaimedEntry, toDeadLetter } from "./sqlite-rows.ts";
import { prepareStatements, type Statements } from "./sqlite-statements.ts";

export interface SqliteInboxOptions extends InboxLimits {
  /** The file, created with its folder when missing; `:memory:` keeps nothing. */
  readonly path: string;
  /** How long a write waits for another process's lock before it fails. Default 800 ms: senders are told within a second. */
  readonly patienceMs?: number;
}

/** Events whose ids are forgotten are removed once in so many accepted events. */
const forgetEvery = 1_000;

/**
 * An inbox in one SQLite file (`node:sqlite`), for one gateway process: WAL, `synchronous = FULL`. Events that arrive
 * in the same turn of the event loop share one commit and are answered after it.
 */
export function createSqliteInbox(options: SqliteInboxOptions): Inbox {
  const { path, patienceMs = 800 } = options;
  const limits = { ...inboxLimits, ...options };
  const database = openDatabase(path, patienceMs);
  const statements = prepareStatements(database);
  const bell = createBell();
  const store = { database, statements, limits };

  const accept = createBatch<IncomingEvent, AcceptResult>(async (events) => {
    const results = await acceptAll(store, events);
    if (results.includes("accepted")) bell.ring();
    return results;
  }, 512);

  return {
    accept,
    acceptBatch: async (events) => {
      const result = await acceptBatch(store, events);
      if (result.includes("accepted")) bell.ring();
      return result;
    },
    claim: (request) => database.write(() => claim(statements, request)),
    renew: ({ claims, leaseMs, nowMs }) =>
      database.write(() =>
        claims.map(
          ({ key, source, attempt }) =>
            statements.renew.run(nowMs + leaseMs, Number(key), source, attempt).changes === 1,
        ),
      ),
    settle: (settlements) =>
      database.write(() => settlements.map((settlement) => settle(statements, settlement))),
    wait: ({ timeoutMs, signal }) => bell.wait(timeoutMs, signal),
    depth: (source) =>
      database.read(() => ({
        waiting: Number(statements.waiting.get(source)?.["waiting"] ?? 0),
        dead: Number(statements.dead.get(source)?.["dead"] ?? 0),
      })),
    deadLetters: ({ source, limit, after = "0" }) =>
      database.read(() => {
        const rows = statements.deadLetters.all(source, Number(after), limit);
        return (rows as unknown as DeadRow[]).map(toDeadLetter);
      }),
    requeue: async ({ source, keys, nowMs }) => {
      const count = await database.write(() =>
        keys.reduce((count, key) => {
          const revived = Number(statements.revive.run(nowMs, Number(key), source).changes);
          statements.exhume.run(Number(key), source);
          return count + revived;
        }, 0),
      );
      bell.ring();
      return count;
    },
    selfCheck: () => database.read(() => selfCheck(database)),
    close: async () => {
      bell.ring();
      database.close();
    },
  };
}

interface Store {
  readonly database: Database;
  readonly statements: Statements;
  readonly limits: Required<InboxLimits>;
}

function acceptAll({ database, statements, limits }: Store, events: readonly IncomingEvent[]) {
  return database.write(() => {
    const waiting = new Map<string, number>();
    return events.map((event): AcceptResult => {
      const { source } = event;
      const before = waiting.get(source) ?? waitingOf(statements, source);
      if (before >= limits.highWaterMark) return isNew(statements, event) ? "full" : "duplicate";
      const result = acceptOne(statements, event, limits);
      if (result === "accepted") waiting.set(source, before + 1);
      return result;
    });
  });
}

function acceptBatch({ database, statements, limits }: Store, events: readonly IncomingEvent[]) {
  return database.write((): BatchResult => {
    const [source = ""] = events.map((event) => event.source);
    const isAtMark = waitingOf(statements, source) >= limits.highWaterMark;
    if (isAtMark && events.some((event) => isNew(statements, event))) return "full";
    return events.map((event) => acceptOne(statements, event, limits));
  });
}

function waitingOf(statements: Statements, source: string): number {
  return Number(statements.waiting.get(source)?.["waiting"] ?? 0);
}

function isNew(statements: Statements, { source, eventId, receivedAtMs }: IncomingEvent): boolean {
  return statements.isRemembered.get(source, dedupeKey(eventId), receivedAtMs) === undefined;
}

function acceptOne(statements: Statements, event: IncomingEvent, { dedupeMs }: Required<InboxLimits>) {
  const { source, eventId, receivedAtMs } = event;
  const { changes } = statements.remember.run(
    source,
    dedupeKey(eventId),
    receivedAtMs + dedupeMs,
    receivedAtMs,
  );
  if (changes === 0) return "duplicate";
  enqueue(statements, event);
  return "accepted";
}

function enqueue(statements: Statements, event: IncomingEvent): void {
  const { source, eventId, eventType, headers, receivedAtMs, body } = event;
  const key = statements.enqueue.run(source, receivedAtMs).lastInsertRowid;
  statements.keep.run(key, eventId, eventType ?? null, JSON.stringify(headers), receivedAtMs, body);
  if (Number(key) % forgetEvery === 0) statements.forget.run(receivedAtMs);
}

function claim(statements: Statements, { source, limit, leaseMs, nowMs }: ClaimRequest): ClaimedEntry[] {
  const rows = statements.due.all(source, nowMs, limit) as unknown as EntryRow[];
  for (const { key } of rows) statements.lease.run(nowMs + leaseMs, key);
  return rows.map(toClaimedEntry);
}

function settle(statements: Statements, settlement: Settlement): boolean {
  const { key, source, attempt } = settlement.claim;
  const row = Number(key);
  switch (settlement.kind) {
    case "done":
      if (statements.remove.run(row, source, attempt).changes === 0) return false;
      statements.discard.run(row);
      return true;
    case "retry": {
      const confirmed = JSON.stringify(settlement.confirmed);
      return statements.retry.run(settlement.dueAtMs, confirmed, row, source, attempt).changes === 1;
    }
    case "dead": {
      if (statements.remove.run(row, source, attempt).changes === 0) return false;
      const { reason, nowMs, confirmed } = settlement;
      statements.bury.run(source, row, attempt, reason, nowMs, JSON.stringify(confirmed));
      return true;
    }
  }
}

function selfCheck(database: Database): Finding[] {
  const journal = database.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
  const synchronous = database.prepare("PRAGMA synchronous").get()?.["synchronous"];
  const safe = journal === "wal" && synchronous === 2;
  return [
    safe
      ? { level: "ok", message: "SQLite: WAL, synchronous FULL" }
      : {
          level: "unsafe",
          message: `SQLite: journal_mode ${journal}, synchronous ${synchronous}; expected wal, 2`,
        },
  ];
}
