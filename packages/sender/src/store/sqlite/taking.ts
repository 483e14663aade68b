import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Endpoint } from "../../core/model.ts";
import { BEHIND_MS } from "../../core/ordering.ts";
import type { Batch, DueEndpoint, TakenDelivery, TakeFrom, TakeRequest, Work } from "../../store.ts";
import { openToSend } from "../bodies.ts";
import { nameOfPart, openToServe, type Seals } from "../seals.ts";
import type { Write } from "./commit-queue.ts";
import { createJournal } from "./journal.ts";
import { createOrphans } from "./orphans.ts";
import type { Row } from "./rows.ts";

interface Found {
  /** Present when the worker does not know it at this revision. */
  readonly endpoint?: Endpoint;
  readonly deliveries: readonly TakenDelivery[];
  readonly hasMore: boolean;
  readonly nextDueMs: number | undefined;
}

/** Before every delivery. */
const START = { dueMs: -1, id: "" };

const NOTHING: Found = { deliveries: [], hasMore: false, nextDueMs: undefined };

/** Finding and taking what is due. */
export function createTaking(database: DatabaseSync, write: Write, seals: Seals): Pick<Work, "due" | "take"> {
  const journal = createJournal(database);
  const statements = prepare(database);
  const readEndpoint = createEndpointReader(database, seals);
  const createSources = createSourceReader(database, seals);

  /** The epochs of the shards that a worker owns. */
  const epochsOf = (worker: string): ReadonlyMap<unknown, unknown> =>
    new Map(statements.shards.all(worker).map((row) => [row["shard"], row["epoch"]]));

  const takeFrom = (from: TakeFrom, nowMs: number, sourceOf: SourceOf): Found => {
    const endpoint = readEndpoint(from.endpoint);
    if (endpoint?.state !== "active") return NOTHING;
    const free = freeOf(statements.ofEndpoint, from, nowMs);
    const due = free.filter((row) => Number(row["due_ms"]) <= nowMs);
    const laterMs = Number(free[due.length]?.["due_ms"] ?? BEHIND_MS);
    const isKnown = endpoint.revision === from.knownRevision;
    return {
      ...(isKnown || due.length === 0 ? {} : { endpoint }),
      deliveries: due.slice(0, from.room).map((row) => toTaken(row, from, sourceOf)),
      hasMore: due.length > from.room,
      nextDueMs: laterMs === BEHIND_MS ? undefined : laterMs,
    };
  };

  const take = ({ worker, nowMs, from }: TakeRequest): Batch => {
    const sourceOf = createSources();
    const epochs = epochsOf(worker);
    const found = from.map((request) => ({
      ...(epochs.get(request.shard) === request.epoch ? takeFrom(request, nowMs, sourceOf) : NOTHING),
      id: request.endpoint,
    }));
    const deliveries = found.flatMap((one) => one.deliveries);
    const entries = deliveries.map(({ id, attempts, shard }) => ({
      delivery: id,
      attempt: attempts + 1,
      shard,
    }));
    return {
      id: entries.length === 0 ? 0 : journal.add(worker, nowMs, entries),
      deliveries,
      endpoints: found.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint])),
      more: found.filter(({ hasMore }) => hasMore).map(({ id }) => id),
      ...earliest(found.map(({ nextDueMs }) => nextDueMs)),
    };
  };

  return {
    due: createDue(database, write, readEndpoint),
    // What it writes down is read when this process has ended; a power cut loses at most the count of an attempt.
    take: (request) => write(() => take(request), "relaxed"),
  };
}

/** Finding what is due, and ending what is left of endpoints that are gone. */
function createDue(
  database: DatabaseSync,
  write: Write,
  readEndpoint: (id: string) => Endpoint | undefined,
): Work["due"] {
  const statements = prepare(database);
  const orphans = createOrphans(database, write);
  return async ({ shards, nowMs }) => {
    const endpoints: DueEndpoint[] = [];
    const gone: string[] = [];
    let nextDueMs = Infinity;
    for (const { shard } of shards) {
      let row = statements.nextEndpoint.get(shard, "");
      // Walks from one endpoint to the next, never over the deliveries between them.
      while (row !== undefined) {
        const endpoint = String(row["endpoint"]);
        const dueMs = Number(row["due_ms"]);
        const known = readEndpoint(endpoint);
        if (known === undefined) gone.push(endpoint);
        const isActive = known?.state === "active";
        if (isActive && dueMs <= nowMs) endpoints.push({ id: endpoint, revision: known.revision });
        else if (isActive && dueMs < BEHIND_MS) nextDueMs = Math.min(nextDueMs, dueMs);
        row = statements.nextEndpoint.get(shard, endpoint);
      }
    }
    // The rest when it is looked for again: what is due elsewhere does not wait for the end of a long backlog.
    for (const endpoint of gone) await orphans.cancelSome(endpoint, nowMs);
    return { endpoints, ...(nextDueMs === Infinity ? {} : { nextDueMs }) };
  };
}

/**
 * The first that are not in flight, one more than there is room for or are due. What is in flight still stands in the
 * table.
 */
function freeOf(
  ofEndpoint: StatementSync,
  { shard, endpoint, room, inFlight, after = START }: TakeFrom,
  nowMs: number,
): readonly Row[] {
  const free: Row[] = [];
  for (const row of ofEndpoint.iterate(shard, endpoint, after.dueMs, after.id)) {
    if (inFlight.has(String(row["id"]))) continue;
    free.push(row);
    if (free.length > room || Number(row["due_ms"]) > nowMs) break;
  }
  return free;
}

function toTaken(row: Row, { shard, epoch, endpoint }: TakeFrom, sourceOf: SourceOf): TakenDelivery {
  const event = String(row["event"]);
  // Text, as the column is.
  const rendition = row["rendition"] as string | null;
  const source = sourceOf(event, { rendition, type: String(row["event_type"]) });
  return {
    id: String(row["id"]),
    shard,
    epoch,
    endpoint,
    subscriber: String(row["subscriber"]),
    ...source,
    ...(rendition === null ? {} : { rendition }),
    ...(row["order_key"] === null ? {} : { orderKey: String(row["order_key"]) }),
    dueMs: Number(row["due_ms"]),
    attempts: Number(row["attempts"]),
    scheduleStep: Number(row["attempts"]) - Number(row["attempts_before_schedule"]),
    createdAtMs: Number(row["created_ms"]),
  };
}

/** What a delivery of this event sends: the event's own bytes, or those of a rendition. */
type SourceOf = (event: string, sent: Sent) => Source;

interface Sent {
  readonly rendition: string | null;
  readonly type: string;
}

type Source = Pick<TakenDelivery, "event" | "fault">;

/** Reads and opens once what several deliveries of a batch send. */
function createSourceReader(database: DatabaseSync, seals: Seals): () => SourceOf {
  const ofEvent = database.prepare("SELECT version, body FROM events WHERE id = ?");
  const ofRendition = database.prepare("SELECT version, body FROM renditions WHERE event = ? AND key = ?");
  const read: SourceOf = (event, { rendition, type }) => {
    const row = rendition === null ? ofEvent.get(event) : ofRendition.get(event, rendition);
    if (row === undefined) throw new Error(`There is nothing to send of the event ${event}`);
    // Bytes, as the column is.
    const kept = row["body"] as Uint8Array;
    const { body, ...fault } = openToSend(seals, { event, rendition, kept });
    return { event: { id: event, type, version: String(row["version"]), body }, ...fault };
  };
  return () => {
    const known = new Map<string, Source>();
    return (event, sent) => {
      const name = sent.rendition === null ? event : nameOfPart(event, sent.rendition);
      const source = known.get(name) ?? read(event, sent);
      known.set(name, source);
      return source;
    };
  };
}

function earliest(times: readonly (number | undefined)[]): { nextDueMs?: number } {
  const nextDueMs = Math.min(...times.map((time) => time ?? Infinity));
  return nextDueMs === Infinity ? {} : { nextDueMs };
}

const MAX_CACHED = 10_000;

/** Reads an endpoint, parsing its document again only when its revision has changed. */
function createEndpointReader(database: DatabaseSync, seals: Seals): (id: string) => Endpoint | undefined {
  const revisionOf = database.prepare("SELECT revision FROM endpoints WHERE id = ?");
  const find = database.prepare("SELECT document FROM endpoints WHERE id = ?");
  const cache = new Map<string, Endpoint>();
  return (id) => {
    const revision = revisionOf.get(id)?.["revision"];
    const cached = cache.get(id);
    if (cached !== undefined && cached.revision === revision) return cached;
    const row = find.get(id);
    if (row === undefined) {
      cache.delete(id);
      return undefined;
    }
    const endpoint = openToServe(id, String(row["document"]), seals);
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(id, endpoint);
    return endpoint;
  };
}

function prepare(database: DatabaseSync) {
  return {
    shards: database.prepare("SELECT shard, epoch FROM shards WHERE owner = ?"),
    nextEndpoint: database.prepare(
      "SELECT endpoint, due_ms FROM pending WHERE shard = ? AND endpoint > ? ORDER BY endpoint, due_ms LIMIT 1",
    ),
    ofEndpoint: database.prepare(
      `SELECT pending.id, pending.event, pending.event_type, pending.subscriber, pending.due_ms, pending.attempts,
         pending.attempts_before_schedule, pending.created_ms, pending.rendition, pending.order_key
       FROM pending WHERE pending.shard = ? AND pending.endpoint = ? AND (pending.due_ms, pending.id) > (?, ?)
       ORDER BY pending.due_ms, pending.id`,
    ),
  };
}
