import type { DiscardRequest, Inbox, ReplayRequest, RequeueRequest } from "../inbox.ts";
import type { Database } from "./sqlite-database.ts";
import { owe } from "./sqlite-owe.ts";
import { type DeadRow, type EventRow, toDeadLetter, toEntry } from "./sqlite-rows.ts";
import type { Statements } from "./sqlite-statements.ts";

export interface LogOptions {
  readonly database: Database;
  readonly statements: Statements;
  readonly clock: () => number;
  /** Tells waiters of this process that there is something to do. */
  readonly ring: () => void;
}

/** What became of events, and how to send them again. */
export type InboxLog = Pick<Inbox, "deadLetters" | "requeue" | "discard" | "events" | "replay">;

export function createLog({ database, statements, clock, ring }: LogOptions): InboxLog {
  const change = async (work: () => number): Promise<number> => {
    const count = await database.write(work);
    ring();
    return count;
  };
  return {
    deadLetters: ({ source, limit, after = "0" }) =>
      database.read(() => {
        const rows = statements.deadLetters.all(source, Number(after), limit);
        return (rows as unknown as DeadRow[]).map(toDeadLetter);
      }),
    requeue: (request) => change(() => requeue(statements, request, clock())),
    discard: (request) => database.write(() => discard(statements, request)),
    events: ({ source, state, limit, after = "0" }) =>
      database.read(() => {
        const statement = state === "done" ? statements.listDone : statements.listWaiting;
        return (statement.all(source, Number(after), limit) as unknown as EventRow[]).map(toEntry);
      }),
    replay: (request) => change(() => replay(statements, request, clock())),
  };
}

function requeue(statements: Statements, { source, keys }: RequeueRequest, nowMs: number): number {
  const found = keys.flatMap((key) => statements.exhume.all(Number(key), source));
  for (const { event, destination } of found) {
    owe(statements, { key: Number(event), destinations: [String(destination)], dueAtMs: nowMs });
  }
  return found.length;
}

function discard(statements: Statements, { source, keys }: DiscardRequest): number {
  const found = keys.flatMap((key) => statements.exhume.all(Number(key), source));
  for (const { event } of found) statements.discard.run({ $event: event ?? 0 });
  return found.length;
}

function replay(statements: Statements, request: ReplayRequest, nowMs: number): number {
  const { source, keys, destinations } = request;
  const found = keys.flatMap((key) => statements.take.all(Number(key), source));
  for (const { event } of found) owe(statements, { key: Number(event), destinations, dueAtMs: nowMs });
  return found.length;
}

interface Filed {
  readonly event: number;
  readonly source: string;
  readonly keptEvents: number;
}

/** Keeps an event that all destinations are through with; to be called within a transaction. */
export function file(statements: Statements, { event, source, keptEvents }: Filed): void {
  statements.file.run({ $event: event });
  for (const oldest of statements.unfile.all({ $source: source, $room: keptEvents })) {
    statements.discard.run({ $event: oldest["event"] ?? 0 });
  }
}
