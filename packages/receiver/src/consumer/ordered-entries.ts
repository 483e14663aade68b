import { readSubject } from "../core/subject.ts";
import type { ClaimedEntry, ClaimRequest } from "../inbox.ts";
import type { NamedRow, PendingRow } from "./stream-client.ts";
import {
  createStreamEntries,
  openGroup,
  type OpenGroup,
  type StreamEntries,
  type StreamEntriesOptions,
} from "./stream-entries.ts";
import { readEntry } from "./stream-entry.ts";
import {
  createSubjectQueues,
  type QueuedEntry,
  type ReadyEntry,
  type SubjectQueues,
} from "./subject-queues.ts";

export interface OrderedEntriesOptions extends StreamEntriesOptions {
  /** Entries with the same text or number at this path of their JSON are taken one after another. */
  readonly orderBy: string;
  /**
   * Entries with a subject that are not through, above which nothing new is read; they are known by ids and subjects alone.
   * Default 50,000, which are some 10 MB.
   */
  readonly mostHeld?: number;
}

/** Entries looked at at once when a process begins to lead. */
const page = 100;

/**
 * The entries of a stream in the order of their subjects. One process of the group at a time takes entries: it leads until
 * its lease is over, because only who has seen everything knows what comes first. Whoever leads next begins with what is
 * pending, from the oldest.
 */
export function createOrderedEntries(options: OrderedEntriesOptions): StreamEntries {
  const open = openGroup(options);
  const entries = createStreamEntries(options, open);
  const { group, orderBy, mostHeld = 50_000 } = options;
  const own: Own = {
    ...open,
    group,
    orderBy,
    mostHeld,
    running: new Map(),
    leading: undefined,
    looking: undefined,
    leaseMs: 0,
  };
  const { client, consumer, keys, running } = own;

  return {
    ...entries,
    claim: async (request) => {
      own.leaseMs = request.leaseMs;
      own.bell.mute();
      try {
        return await claim(own, request);
      } catch (error) {
        // What was taken, and what is left, shows when everything pending is looked at again.
        own.leading = undefined;
        throw error;
      }
    },
    renew: async (request) => {
      await client.hooksLeadOn(keys.leader, consumer, own.leaseMs);
      return entries.renew(request);
    },
    settle: async (settlements) => {
      const results = await entries.settle(settlements);
      own.looking = undefined;
      for (const [index, { kind, claim }] of settlements.entries()) {
        if (running.get(claim.key) === claim.attempt) running.delete(claim.key);
        if (results[index] !== true) own.leading = undefined;
        else if (kind !== "retry") own.leading?.queues.leave(claim.key);
      }
      return results;
    },
    close: async () => {
      // What a handler still does must not be done by another process as well before the lease is over.
      if (running.size === 0) await client.hooksResign(keys.leader, consumer).catch(() => {});
      await entries.close();
    },
  };
}

interface Own extends OpenGroup, Required<Pick<OrderedEntriesOptions, "group" | "orderBy" | "mostHeld">> {
  /** What is being handled here, with its attempt. */
  readonly running: Map<string, number>;
  leading: Leading | undefined;
  /** While what is pending is looked at; what is settled meanwhile may have been seen as pending. */
  looking: Leading | undefined;
  leaseMs: number;
}

interface Leading {
  readonly queues: SubjectQueues;
  /** What others left, or this process did when it did not lead. */
  readonly left: ReadyEntry[];
}

async function claim(own: Own, request: ClaimRequest): Promise<readonly ClaimedEntry[]> {
  const state = own.leading ?? (await own.ask(() => lead(own)));
  if (state === undefined) return [];
  for (;;) {
    const claimed = await claimOnce(own, state, request);
    if (claimed === undefined) own.leading = undefined;
    if (claimed === undefined || claimed.isDone || claimed.given.length > 0) return claimed?.given ?? [];
  }
}

interface Claimed {
  readonly given: readonly ClaimedEntry[];
  /** There was nothing new. */
  readonly isDone: boolean;
}

/** `undefined` when this process does not lead any more. */
async function claimOnce(own: Own, state: Leading, request: ClaimRequest): Promise<Claimed | undefined> {
  const { client, keys, bell, consumer, group, leaseMs } = own;
  const { queues, left } = state;
  const { limit } = request;
  const named = left.splice(0, limit);
  named.push(...queues.take(limit - named.length));
  const takesNew = queues.size < own.mostHeld ? 1 : 0;
  const place = [keys.stream, keys.due, keys.leader, group, consumer, leaseMs, limit, takesNew];
  const reply = await client.hooksLeadBuffer(
    ...place,
    ...named.flatMap(({ id, isNew }) => [id, isNew ? 1 : 0]),
  );
  if (reply[0] === 0) return undefined;
  const [, last, due, again, fresh] = reply;
  const give = (rows: readonly NamedRow[], mayGo: (entry: QueuedEntry) => boolean) =>
    rows.flatMap((row) => giveOut(own, { row, mayGo, queues, destination: request.destination }));
  const given = [...give(due, queues.reenter), ...give(again, () => true), ...give(fresh, queues.enter)];
  bell.heardUntil(last.toString(), given.length >= limit);
  return { given, isDone: fresh.length === 0 };
}

interface Giving {
  readonly row: NamedRow;
  readonly mayGo: (entry: QueuedEntry) => boolean;
  readonly queues: SubjectQueues;
  readonly destination: string;
}

function giveOut({ orderBy, running }: Own, { row, mayGo, queues, destination }: Giving): ClaimedEntry[] {
  const [key, attempt, fields] = row;
  const id = key.toString();
  // Somebody has deleted it.
  if (attempt === undefined || fields === undefined) {
    queues.leave(id);
    return [];
  }
  const entry = readEntry(id, fields);
  const subject = readSubject(entry.body, orderBy);
  if (!mayGo({ id, subject })) return [];
  running.set(id, attempt);
  return [{ ...entry, subject, destination, attempt, shares: 1 }];
}

/** Becomes the one that leads, and looks at what is pending; `undefined` where another leads. */
async function lead(own: Own): Promise<Leading | undefined> {
  const { client, keys, group, consumer, leaseMs } = own;
  for (let isMore = true; isMore;) {
    const inherited = await client.hooksInherit(keys.stream, keys.leader, group, consumer, leaseMs);
    if (inherited === 0) return undefined;
    isMore = inherited === 1;
  }
  const state: Leading = { queues: createSubjectQueues(), left: [] };
  own.looking = state;
  for (let after: string | undefined = "-"; after !== undefined;) {
    // There may be more pending than can be looked at within a lease.
    if ((await client.hooksLeadOn(keys.leader, consumer, leaseMs)) === 0) return undefined;
    const rows: readonly PendingRow[] = await client.hooksPendingBuffer(keys.stream, group, after, page);
    const strays = rows.flatMap((row) => place(own, state, row));
    if (strays.length > 0) await client.zrem(keys.due, ...strays);
    after = rows.length < page ? undefined : rows.at(-1)?.[0].toString();
  }
  own.leading = own.looking === state ? state : undefined;
  own.looking = undefined;
  return own.leading;
}

/** Gives what waits for its next attempt although another of its subject comes first. */
function place({ orderBy, running }: Own, { queues, left }: Leading, row: PendingRow): readonly string[] {
  const [key, waits, fields] = row;
  if (fields === undefined) return [];
  const id = key.toString();
  const mayGo = queues.enter({ id, subject: readSubject(readEntry(id, fields).body, orderBy) });
  if (mayGo && waits === 0 && !running.has(id)) left.push({ id, isNew: false });
  return !mayGo && waits === 1 ? [id] : [];
}
