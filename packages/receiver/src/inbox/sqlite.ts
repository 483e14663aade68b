import { createBatch } from "../batch.ts";
import { dedupeDigest } from "../core/dedupe-key.ts";
import {
  type AcceptResult,
  type BatchResult,
  type Claim,
  type ClaimedEntry,
  type ClaimRequest,
  type Finding,
  type Inbox,
  type InboxLimits,
  inboxLimits,
  type IncomingEvent,
  type Settlement,
} from "../inbox.ts";
import { advancedBy } from "./advanced-by.ts";
import { createBell } from "./bell.ts";
import { claimedUntilMs } from "./claimed-until.ts";
import { type Database, openDatabase } from "./sqlite-database.ts";
import { type DeliveryRow, toClaimedEntry } from "./sqlite-rows.ts";
import { createLog, file } from "./sqlite-log.ts";
import { createLook } from "./sqlite-look.ts";
import { owe } from "./sqlite-owe.ts";
import { prepareStatements, type Statements } from "./sqlite-statements.ts";

export interface SqliteInboxOptions extends InboxLimits {
  /** The file, created with its folder when missing; `:memory:` keeps nothing. */
  readonly path: string;
  /** How long a write waits for another process's lock before it fails. Default 800 ms: senders are told within a second. */
  readonly patienceMs?: number;
  /** Unix milliseconds that leases and waits go by; all processes of the file must agree on them. Default: the machine's clock. */
  readonly clock?: () => number;
}

/** Events whose ids are forgotten are removed once in so many accepted events. */
const forgetEvery = 1_000;
/** No event was received later. */
const everything = Number.MAX_SAFE_INTEGER;

/**
 * An inbox in one SQLite file (`node:sqlite`), for the processes of one machine: WAL, `synchronous = FULL`. Events that arrive
 * in the same turn of the event loop share one commit and are answered after it.
 *
 * @throws InboxFileError for a file that another version has made; InboxUnavailable for one that cannot be opened.
 */
export function createSqliteInbox(options: SqliteInboxOptions): Inbox {
  const { path, patienceMs = 800, clock = Date.now } = options;
  const limits = { ...inboxLimits, ...options };
  const database = openDatabase(path, patienceMs);
  const statements = prepareStatements(database);
  const bell = createBell();
  const store = { database, statements, limits };
  const look = createLook(statements);

  const accept = createBatch<IncomingEvent, AcceptResult>(async (events) => {
    const results = await acceptAll(store, events);
    results.forEach((result, index) => result === "accepted" && bell.ring(events[index]?.source));
    return results;
  }, 512);

  return {
    accept,
    acceptBatch: async (events) => {
      const result = await acceptBatch(store, events);
      if (result.includes("accepted")) bell.ring(events[0]?.source);
      return result;
    },
    claim: async (request) => {
      const { source, destination } = request;
      const nowMs = clock();
      // Looking for work must not keep another process from writing.
      const found = await database.read(() =>
        statements.hasDue.get(source, destination, nowMs, claimedUntilMs(request) ?? everything),
      );
      return found === undefined ? [] : database.write(() => claim(statements, request, nowMs));
    },
    renew: ({ claims, leaseMs }) => {
      const dueAtMs = clock() + leaseMs;
      return database.write(() => claims.map((held) => postpone(statements, held, dueAtMs)));
    },
    settle: async (settlements) => {
      const settling = { nowMs: clock(), keptEvents: limits.keptEvents };
      const recorded = await database.write(() =>
        settlements.map((settlement) => settle(statements, settlement, settling)),
      );
      for (const source of advancedBy(settlements)) bell.ring(source);
      return recorded;
    },
    due: (sources) =>
      database.read(() => [...bell.rungFor(sources).map((source) => ({ source })), ...look(clock())]),
    wait: ({ timeoutMs, signal }) => bell.wait(timeoutMs, signal),
    depth: (source) =>
      database.read(() => ({
        waiting: Number(statements.waiting.get(source)?.["waiting"] ?? 0),
        dead: Number(statements.dead.get(source)?.["dead"] ?? 0),
      })),
    owed: (source) =>
      database.read(() => statements.owed.all(source).map(({ destination }) => String(destination))),
    ...createLog({ database, statements, clock, ring: bell.ring }),
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

function acceptAll(store: Store, events: readonly IncomingEvent[]) {
  const { database, statements, limits } = store;
  return database.write(() => {
    const waiting = new Map<string, number>();
    return events.map((event): AcceptResult => {
      const { source } = event;
      const before = waiting.get(source) ?? waitingOf(statements, source);
      if (before >= (event.highWaterMark ?? limits.highWaterMark))
        return isNew(store, event) ? "full" : "duplicate";
      const result = acceptOne(store, event);
      if (result === "accepted") waiting.set(source, before + 1);
      return result;
    });
  });
}

function acceptBatch(store: Store, events: readonly IncomingEvent[]) {
  const { database, statements, limits } = store;
  return database.write((): BatchResult => {
    const { source = "", highWaterMark = limits.highWaterMark } = events[0] ?? {};
    const isAtMark = waitingOf(statements, source) >= highWaterMark;
    if (isAtMark && events.some((event) => isNew(store, event))) return "full";
    return events.map((event) => acceptOne(store, event));
  });
}

function waitingOf(statements: Statements, source: string): number {
  return Number(statements.waiting.get(source)?.["waiting"] ?? 0);
}

function isNew(store: Store, event: IncomingEvent): boolean {
  return store.statements.isRemembered.get(rememberedAs(store, event))?.["found"] === 0;
}

function acceptOne(store: Store, event: IncomingEvent) {
  if (store.statements.remember.run(rememberedAs(store, event)).changes === 0) return "duplicate";
  enqueue(store, event);
  return "accepted";
}

function rememberedAs({ limits }: Store, { source, eventId, receivedAtMs }: IncomingEvent) {
  return { period: Math.floor(receivedAtMs / limits.dedupeMs), source, digest: dedupeDigest(eventId) };
}

function enqueue({ statements, limits }: Store, event: IncomingEvent): void {
  const { source, eventId, eventType = null, subject = null, headers, receivedAtMs, body } = event;
  const text = JSON.stringify(headers);
  const kept = statements.keep.run(source, eventId, eventType, subject, text, receivedAtMs, body);
  const key = Number(kept.lastInsertRowid);
  owe(statements, { key, destinations: event.destinations ?? [], dueAtMs: receivedAtMs });
  if (key % forgetEvery !== 0) return;
  const period = Math.floor(receivedAtMs / limits.dedupeMs);
  statements.forgetEarlier.run({ period });
  statements.forgetLater.run({ period });
}

function claim(statements: Statements, request: ClaimRequest, nowMs: number): ClaimedEntry[] {
  const { source, destination, routes, limit, leaseMs } = request;
  for (const { event, due_at } of statements.unaddressed.all(source)) {
    // One that is behind another of its subject has a due time of never, and gets its place anew.
    owe(statements, { key: Number(event), destinations: routes, dueAtMs: Math.min(Number(due_at), nowMs) });
    statements.unowe.run(event ?? 0);
  }
  const found = statements.due.all(source, destination, nowMs, claimedUntilMs(request) ?? everything, limit);
  const rows = found as unknown as DeliveryRow[];
  for (const { key } of rows) statements.lease.run(nowMs + leaseMs, key, destination);
  return rows.map(toClaimedEntry);
}

/** False when the claim is lost. */
function postpone(statements: Statements, claim: Claim, dueAtMs: number): boolean {
  const { key, source, destination, attempt } = claim;
  return statements.postpone.run(dueAtMs, Number(key), destination, source, attempt).changes === 1;
}

interface Settling {
  readonly nowMs: number;
  readonly keptEvents: number;
}

function settle(statements: Statements, settlement: Settlement, { nowMs, keptEvents }: Settling): boolean {
  const { claim } = settlement;
  if (settlement.kind === "retry") return postpone(statements, claim, nowMs + settlement.delayMs);
  const { source, destination, attempt, subject } = claim;
  const event = Number(claim.key);
  if (statements.remove.run(event, destination, source, attempt).changes === 0) return false;
  if (settlement.kind === "dead") {
    statements.bury.run(source, destination, event, attempt, settlement.reason, nowMs);
  }
  if (subject !== undefined) {
    statements.advance.run({ $source: source, $destination: destination, $subject: subject });
  }
  if (keptEvents > 0) file(statements, { event, source, keptEvents });
  statements.discard.run({ $event: event });
  return true;
}

function selfCheck(database: Database): Finding[] {
  const journal = database.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
  const synchronous = database.prepare("PRAGMA synchronous").get()?.["synchronous"];
  if (journal === "wal" && synchronous === 2)
    return [{ level: "ok", message: "SQLite: WAL, synchronous FULL" }];
  const message =
    database.place === null
      ? "SQLite: the inbox is in memory: what it has acknowledged and not delivered is lost whenever the process ends"
      : `SQLite: journal_mode ${journal}, synchronous ${synchronous}; expected wal, 2`;
  return [{ level: "unsafe", message }];
}
