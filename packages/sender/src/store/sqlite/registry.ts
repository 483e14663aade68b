import type { DatabaseSync } from "node:sqlite";
import type { Endpoint, Subscriber } from "../../core/model.ts";
import { shardOf } from "../../core/sharding.ts";
import type { Announcement, Registry } from "../../store.ts";
import { writePreferences } from "../preferences.ts";
import type { Seals } from "../seals.ts";
import { createAnnounce } from "./announcing.ts";
import type { Write } from "./commit-queue.ts";
import { createHealth } from "./health.ts";
import { createOnce } from "./idempotency.ts";
import { createOrder } from "./order.ts";
import { createOrphans } from "./orphans.ts";
import { toEndpoint, toSubscriber, type Row } from "./rows.ts";

type SubscriberVerbs = "addSubscriber" | "getSubscriber" | "listSubscribers";

/** Subscribers, their endpoints, and the majors of event types that endpoints go by. */
export function createRegistry(database: DatabaseSync, write: Write, seals: Seals): Registry {
  return {
    ...createSubscribers(database, write, seals),
    ...createEndpoints(database, write, seals),
    ...createIntroductions(database, write),
  };
}

function createIntroductions(database: DatabaseSync, write: Write): Pick<Registry, "introduce"> {
  const statements = {
    add: database.prepare("INSERT OR IGNORE INTO event_types (type, major) VALUES (?, ?)"),
    all: database.prepare("SELECT type, major FROM event_types"),
  };
  const read = () =>
    Object.fromEntries(statements.all.all().map((row) => [String(row["type"]), String(row["major"])]));
  return {
    async introduce(majors) {
      const known = read();
      if (Object.keys(majors).every((type) => Object.hasOwn(known, type))) return known;
      return write(() => {
        for (const [type, major] of Object.entries(majors)) statements.add.run(type, major);
        return read();
      });
    },
  };
}

function createSubscribers(
  database: DatabaseSync,
  write: Write,
  seals: Seals,
): Pick<Registry, SubscriberVerbs> {
  const once = createOnce<Subscriber>(database, seals);
  const statements = {
    add: database.prepare("INSERT INTO subscribers (id, name, created_ms) VALUES (?, ?, ?)"),
    get: database.prepare("SELECT id, name, created_ms FROM subscribers WHERE id = ?"),
    list: database.prepare("SELECT id, name, created_ms FROM subscribers WHERE id > ? ORDER BY id LIMIT ?"),
  };
  const add = ({ id, name, createdAtMs }: Subscriber) => statements.add.run(id, name, createdAtMs);
  const get = (id: string) => optional(statements.get.get(id), toSubscriber);
  return {
    addSubscriber: (subscriber, idempotency) =>
      write(() => once({ resource: subscriber, idempotency, add, get })),
    getSubscriber: async (id) => get(id),
    listSubscribers: async ({ limit, after = "" }) => statements.list.all(after, limit).map(toSubscriber),
  };
}

function createEndpoints(
  database: DatabaseSync,
  write: Write,
  seals: Seals,
): Omit<Registry, SubscriberVerbs | "introduce"> {
  const once = createOnce<Endpoint>(database, seals);
  const health = createHealth(database);
  const order = createOrder(database);
  const orphans = createOrphans(database, write);
  const tell = createAnnounce(database);
  const statements = prepare(database);

  const subscribe = (endpoint: Endpoint): void => {
    const { id, subscriber, eventTypes } = endpoint;
    const preferences = writePreferences(endpoint);
    statements.unsubscribe.run(id);
    for (const pattern of eventTypes.length === 0 ? ["*"] : eventTypes)
      statements.subscribe.run(pattern, subscriber, id, preferences);
  };
  const add = (endpoint: Endpoint): void => {
    const { id, subscriber, state, revision } = endpoint;
    statements.add.run(id, subscriber, shardOf(id), state, revision, seals.endpoint(endpoint));
    subscribe(endpoint);
  };
  const read = (row: Row) => toEndpoint(row, seals);
  const get = (id: string) => optional(statements.get.get(id), read);
  const change = (endpoint: Endpoint, announcement: Announcement | undefined): boolean => {
    const { id, state, revision } = endpoint;
    const { changes } = statements.change.run(state, revision, seals.endpoint(endpoint), id, revision - 1);
    if (changes === 0) return false;
    subscribe(endpoint);
    if (announcement !== undefined) tell(announcement, endpoint.updatedAtMs);
    return true;
  };
  const remove = (id: string): boolean => {
    if (statements.remove.run(id).changes === 0) return false;
    statements.unsubscribe.run(id);
    health.forget(id);
    order.forget(id);
    return true;
  };

  /** In batches, so that nobody waits long. */
  const dissolve = async ({ id, updatedAtMs }: Endpoint): Promise<void> => {
    const some = () => write(() => order.dissolve(id, DISSOLVE_BATCH, updatedAtMs));
    for (let count = DISSOLVE_BATCH; count === DISSOLVE_BATCH;) count = await some();
  };

  return {
    addEndpoint: (endpoint, idempotency) => write(() => once({ resource: endpoint, idempotency, add, get })),
    getEndpoint: async (id) => get(id),
    listEndpoints: async ({ limit, after = "", subscriber }) =>
      (subscriber === undefined
        ? statements.list.all(after, limit)
        : statements.listOf.all(subscriber, after, limit)
      ).map(read),
    async changeEndpoint(endpoint, announcement) {
      const isChanged = await write(() => change(endpoint, announcement));
      if (isChanged && endpoint.ordering === "none") await dissolve(endpoint);
      return isChanged;
    },
    async removeEndpoint(id, nowMs) {
      const isRemoved = await write(() => remove(id));
      if (isRemoved) await orphans.cancel(id, nowMs);
      return isRemoved;
    },
  };
}

const DISSOLVE_BATCH = 2_000;

function optional<T>(row: Row | undefined, read: (row: Row) => T): T | undefined {
  return row === undefined ? undefined : read(row);
}

function prepare(database: DatabaseSync) {
  return {
    add: database.prepare(
      "INSERT INTO endpoints (id, subscriber, shard, state, revision, document) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    get: database.prepare("SELECT id, document FROM endpoints WHERE id = ?"),
    list: database.prepare("SELECT id, document FROM endpoints WHERE id > ? ORDER BY id LIMIT ?"),
    listOf: database.prepare(
      "SELECT id, document FROM endpoints WHERE subscriber = ? AND id > ? ORDER BY id LIMIT ?",
    ),
    change: database.prepare(
      "UPDATE endpoints SET state = ?, revision = ?, document = ? WHERE id = ? AND revision = ?",
    ),
    remove: database.prepare("DELETE FROM endpoints WHERE id = ?"),
    subscribe: database.prepare(
      "INSERT OR IGNORE INTO subscriptions (pattern, subscriber, endpoint, preferences) VALUES (?, ?, ?, ?)",
    ),
    unsubscribe: database.prepare("DELETE FROM subscriptions WHERE endpoint = ?"),
  };
}
