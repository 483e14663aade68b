import type { Endpoint, Subscriber } from "../../core/model.ts";
import { shardOf } from "../../core/sharding.ts";
import type { Registry } from "../../store.ts";
import { writePreferences } from "../preferences.ts";
import type { Seals } from "../seals.ts";
import { announceStep } from "./announcing.ts";
import type { Database, Row, Session, Statement, Step } from "./database.ts";
import { addOnce } from "./idempotency.ts";
import type { KeyGuard } from "./keys.ts";
import { dissolveOrder } from "./ordering.ts";
import { cancelOrphans } from "./orphans.ts";
import { text, texts, type Parameter } from "./parameters.ts";
import { ENDPOINT_COLUMNS, toEndpoint, toSubscriber } from "./rows.ts";

type SubscriberVerbs = "addSubscriber" | "getSubscriber" | "listSubscribers";

/** Subscribers, their endpoints, and the majors of event types that endpoints go by. */
export function createRegistry(database: Database, keys: KeyGuard): Registry {
  return {
    ...createSubscribers(database, keys),
    ...createEndpoints(database, keys),
    ...createIntroductions(database),
  };
}

const TYPES = {
  add: {
    name: "introduce",
    text: `
      INSERT INTO hooks.event_types (type, major) SELECT * FROM unnest($1::text[], $2::text[]) AS new (type, major)
      ORDER BY type COLLATE "C" ON CONFLICT DO NOTHING`,
  },
  all: { name: "introduced", text: "SELECT type, major FROM hooks.event_types" },
} as const satisfies Record<string, Statement>;

function createIntroductions({ query }: Database): Pick<Registry, "introduce"> {
  const read = async () =>
    Object.fromEntries(
      (await query(TYPES.all, [])).map((row) => [String(row["type"]), String(row["major"])]),
    );
  return {
    async introduce(majors) {
      const known = await read();
      const added = Object.entries(majors).filter(([type]) => !Object.hasOwn(known, type));
      if (added.length === 0) return known;
      await query(TYPES.add, [texts(added.map(([type]) => type)), texts(added.map(([, major]) => major))]);
      return read();
    },
  };
}

const SUBSCRIBERS = {
  add: { name: "add_subscriber", text: "INSERT INTO hooks.subscribers (id, document) VALUES ($1, $2)" },
  get: { name: "get_subscriber", text: "SELECT document FROM hooks.subscribers WHERE id = $1" },
  list: {
    name: "list_subscribers",
    text: "SELECT document FROM hooks.subscribers WHERE id > $1 ORDER BY id LIMIT $2",
  },
} as const satisfies Record<string, Statement>;

async function getSubscriber(query: Session["query"], id: string): Promise<Subscriber | undefined> {
  return optional(await query(SUBSCRIBERS.get, [text(id)]), toSubscriber);
}

function createSubscribers(database: Database, keys: KeyGuard): Pick<Registry, SubscriberVerbs> {
  return {
    addSubscriber: (subscriber, idempotency) => {
      const add = [{ statement: SUBSCRIBERS.add, values: [subscriber.id, JSON.stringify(subscriber)] }];
      return addOnce(database, keys, { resource: subscriber, idempotency, add, get: getSubscriber });
    },
    getSubscriber: (id) => getSubscriber(database.query, id),
    listSubscribers: async ({ limit, after = "" }) =>
      (await database.query(SUBSCRIBERS.list, [text(after), limit])).map(toSubscriber),
  };
}

const ENDPOINTS = {
  add: {
    name: "add_endpoint",
    text: `
      INSERT INTO hooks.endpoints (id, subscriber, shard, state, disabled_reason, revision, updated_ms, document)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
  },
  get: { name: "get_endpoint", text: `SELECT ${ENDPOINT_COLUMNS} FROM hooks.endpoints WHERE id = $1` },
  list: {
    name: "list_endpoints",
    text: `SELECT ${ENDPOINT_COLUMNS} FROM hooks.endpoints WHERE id > $1 ORDER BY id LIMIT $2`,
  },
  listOf: {
    name: "list_endpoints_of",
    text: `
      SELECT ${ENDPOINT_COLUMNS} FROM hooks.endpoints WHERE subscriber = $3 AND id > $1 ORDER BY id LIMIT $2`,
  },
  change: {
    name: "change_endpoint",
    text: `
      UPDATE hooks.endpoints SET subscriber = $2, shard = $3, state = $4, disabled_reason = $5, revision = $6,
        updated_ms = $7, document = $8
      WHERE id = $1 AND revision = $6 - 1 RETURNING id`,
  },
  remove: { name: "remove_endpoint", text: "DELETE FROM hooks.endpoints WHERE id = $1 RETURNING id" },
  subscribe: {
    name: "subscribe",
    text: `
      INSERT INTO hooks.subscriptions (pattern, subscriber, endpoint, preferences)
      SELECT pattern, $2, $3, $4 FROM unnest($1::text[]) AS pattern ON CONFLICT DO NOTHING`,
  },
  forgetHealth: { name: "forget_health", text: "DELETE FROM hooks.health WHERE endpoint = $1" },
  forgetPosition: { name: "forget_position", text: "DELETE FROM hooks.positions WHERE endpoint = $1" },
  /** Of what is subscribed to as before, nothing is touched: publishers need not read it again. Parameters as for subscribing. */
  unsubscribeOthers: {
    name: "unsubscribe_others",
    text: `
      DELETE FROM hooks.subscriptions
      WHERE endpoint = $3 AND (pattern <> ALL ($1::text[]) OR subscriber <> $2 OR preferences <> $4)`,
  },
  unsubscribe: { name: "unsubscribe", text: "DELETE FROM hooks.subscriptions WHERE endpoint = $1" },
} as const satisfies Record<string, Statement>;

function createEndpoints(database: Database, keys: KeyGuard): Omit<Registry, SubscriberVerbs | "introduce"> {
  const { query, transaction } = database;
  const { seals, requireSteps, sealing } = keys;
  const read = (row: Row) => toEndpoint(row, seals);
  const get = async (on: Session["query"], id: string) => optional(await on(ENDPOINTS.get, [text(id)]), read);
  return {
    addEndpoint: (endpoint, idempotency) => {
      const add = () => [
        { statement: ENDPOINTS.add, values: valuesOf(endpoint, seals) },
        subscription(endpoint),
        ...requireSteps(),
      ];
      return sealing(() => addOnce(database, keys, { resource: endpoint, idempotency, add: add(), get }));
    },
    getEndpoint: (id) => get(query, id),
    async listEndpoints({ limit, after = "", subscriber }) {
      const values = [text(after), limit];
      const rows = await (subscriber === undefined
        ? query(ENDPOINTS.list, values)
        : query(ENDPOINTS.listOf, [...values, text(subscriber)]));
      return rows.map(read);
    },
    async changeEndpoint(endpoint, announcement) {
      const change = async (session: Session) => {
        const values = valuesOf(endpoint, seals);
        const told = announcement === undefined ? [] : [announceStep([announcement], endpoint.updatedAtMs)];
        const { statement, values: wanted } = subscription(endpoint);
        const steps = [
          { statement: ENDPOINTS.unsubscribeOthers, values: wanted },
          { statement, values: wanted },
          ...told,
          ...requireSteps(),
        ];
        const changed = await session.query(ENDPOINTS.change, values);
        if (changed.length === 0) return false;
        for (const step of steps) await session.query(step.statement, step.values);
        return true;
      };
      const isChanged = await sealing(() => transaction(change));
      if (isChanged && endpoint.ordering === "none")
        await dissolveOrder(query, endpoint.id, endpoint.updatedAtMs);
      return isChanged;
    },
    async removeEndpoint(id, nowMs) {
      const isRemoved = await transaction(async (session) => {
        // As in a change: the endpoint first, or two would wait for each other.
        const removed = await session.query(ENDPOINTS.remove, [text(id)]);
        await session.query(ENDPOINTS.unsubscribe, [text(id)]);
        await session.query(ENDPOINTS.forgetHealth, [text(id)]);
        await session.query(ENDPOINTS.forgetPosition, [text(id)]);
        return removed.length > 0;
      });
      if (isRemoved) await cancelOrphans(query, id, nowMs);
      return isRemoved;
    },
  };
}

function valuesOf(endpoint: Endpoint, seals: Seals): readonly Parameter[] {
  const { id, subscriber, state, disabledReason, revision, updatedAtMs } = endpoint;
  const document = seals.endpoint(endpoint);
  return [id, subscriber, shardOf(id), state, disabledReason ?? null, revision, updatedAtMs, document];
}

function subscription(endpoint: Endpoint): Step {
  const { id, subscriber, eventTypes } = endpoint;
  const patterns = texts(eventTypes.length === 0 ? ["*"] : eventTypes);
  return { statement: ENDPOINTS.subscribe, values: [patterns, subscriber, id, writePreferences(endpoint)] };
}

function optional<T extends Endpoint | Subscriber>(
  [row]: readonly Row[],
  read: (row: Row) => T,
): T | undefined {
  return row === undefined ? undefined : read(row);
}
