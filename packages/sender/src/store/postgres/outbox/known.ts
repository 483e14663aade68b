import { patternsOf } from "../../../core/subscription.ts";
import type { NewEvent } from "../../../store.ts";
import { createAudiences } from "../../audiences.ts";
import type { Target } from "../../rendering.ts";
import type { Seals } from "../../seals.ts";
import type { Session, Statement } from "../database.ts";
import { keyOf } from "../idempotency.ts";
import { numbers, texts } from "../parameters.ts";

/** What publishing has to know of events that are to be published. */
export interface Known {
  /** Those of their ids that are kept already. */
  readonly events: ReadonlyMap<string, KnownEvent>;
  /** Also those whose time is over. */
  readonly keys: ReadonlyMap<string, KnownKey>;
  readonly subscribers: ReadonlySet<string>;
  targetsOf(event: NewEvent): readonly Target[];
}

export interface KnownEvent {
  readonly digest: string;
  readonly deliveries: number;
}

export interface KnownKey {
  readonly digest: string;
  /** The event that was published under it. */
  readonly event: string;
  readonly createdMs: number;
}

const STATEMENTS = {
  /** Also those that the keys stand for. $1 ids, $2 keys */
  events: {
    name: "known_events",
    text: `
      SELECT id, digest, deliveries FROM hooks.events WHERE id = ANY ($1::text[])
      UNION
      SELECT events.id, events.digest, events.deliveries FROM hooks.idempotency
        JOIN hooks.events ON events.id = idempotency.resource
        WHERE idempotency.key = ANY ($2::text[])`,
  },
  keys: {
    name: "known_keys",
    text: "SELECT key, digest, resource, created_ms FROM hooks.idempotency WHERE key = ANY ($1::text[])",
  },
  /**
   * $1 patterns, each with a number ($2), of events for everybody; $3 and $4 with a subscriber ($5); $6 endpoints. Of
   * the subscribers $7 those that there are have a row without an endpoint.
   */
  targets: {
    name: "targets",
    text: `
      SELECT DISTINCT asked.number, NULL AS named, endpoint, subscriptions.subscriber, preferences
        FROM unnest($1::text[], $2::integer[]) AS asked (pattern, number)
        JOIN hooks.subscriptions ON subscriptions.pattern = asked.pattern
      UNION ALL
      SELECT DISTINCT asked.number, NULL, endpoint, subscriptions.subscriber, preferences
        FROM unnest($3::text[], $4::integer[], $5::text[]) AS asked (pattern, number, subscriber)
        JOIN hooks.subscriptions ON subscriptions.pattern = asked.pattern
          AND subscriptions.subscriber = asked.subscriber
      UNION ALL
      SELECT DISTINCT NULL::integer, endpoint, endpoint, subscriber, preferences
        FROM hooks.subscriptions WHERE endpoint = ANY ($6::text[])
      UNION ALL
      SELECT NULL, NULL, NULL, id, NULL FROM hooks.subscribers WHERE id = ANY ($7::text[])`,
  },
} as const satisfies Record<string, Statement>;

export async function readKnown(
  query: Session["query"],
  events: readonly NewEvent[],
  seals: Seals,
): Promise<Known> {
  const audiences = audiencesOf(events);
  const keys = texts(
    events.flatMap(({ idempotency }) => (idempotency === undefined ? [] : [keyOf(idempotency)])),
  );
  const ids = events.filter(({ isFresh }) => isFresh !== true).map(({ id }) => id);
  // Keys first: each statement sees what is committed by then, so no key is seen without its event.
  const [keyRows, eventRows, targetRows] = await Promise.all([
    keys === "{}" ? [] : query(STATEMENTS.keys, [keys]),
    ids.length === 0 && keys === "{}" ? [] : query(STATEMENTS.events, [texts(ids), keys]),
    query(STATEMENTS.targets, audiences.values),
  ]);
  const subscribers = new Set<string>();
  const targets = new Map<number | string, Target[]>();
  for (const row of targetRows) {
    if (row["endpoint"] === null) {
      subscribers.add(String(row["subscriber"]));
      continue;
    }
    const audience = row["named"] === null ? Number(row["number"]) : String(row["named"]);
    const target = {
      endpoint: String(row["endpoint"]),
      subscriber: String(row["subscriber"]),
      preferences: String(row["preferences"]),
    };
    targets.set(audience, [...(targets.get(audience) ?? []), target]);
  }
  return {
    events: new Map(
      eventRows.map((row) => [
        String(row["id"]),
        {
          digest: seals.openText("digest", String(row["id"]), String(row["digest"])),
          deliveries: Number(row["deliveries"]),
        },
      ]),
    ),
    keys: new Map(
      keyRows.map((row) => [
        String(row["key"]),
        {
          digest: seals.openText("idempotency", String(row["key"]), String(row["digest"])),
          event: String(row["resource"]),
          createdMs: Number(row["created_ms"]),
        },
      ]),
    ),
    subscribers,
    targetsOf: (event) => targets.get(audiences.nameOf(event)) ?? [],
  };
}

/** Events of one type for one subscriber, or for everybody, have the same audience: it is asked for once. */
function audiencesOf(events: readonly NewEvent[]) {
  const all = { patterns: [] as string[], numbers: [] as number[] };
  const one = { patterns: [] as string[], numbers: [] as number[], subscribers: [] as string[] };
  const named: string[] = [];
  let count = 0;
  const ask = ({ endpoint, subscriber, type }: NewEvent): number | string => {
    if (endpoint !== undefined) {
      named.push(endpoint);
      return endpoint;
    }
    const number = count++;
    for (const pattern of patternsOf(type)) {
      const { patterns, numbers: ofPatterns } = subscriber === undefined ? all : one;
      patterns.push(pattern);
      ofPatterns.push(number);
      if (subscriber !== undefined) one.subscribers.push(subscriber);
    }
    return number;
  };
  const nameOf = createAudiences(ask);
  const subscribers = new Set<string>();
  for (const event of events) {
    nameOf(event);
    if (event.subscriber !== undefined) subscribers.add(event.subscriber);
  }
  return {
    values: [
      texts(all.patterns),
      numbers(all.numbers),
      texts(one.patterns),
      numbers(one.numbers),
      texts(one.subscribers),
      texts(named),
      texts([...subscribers]),
    ],
    /** The name of its endpoint, or the number of its audience. */
    nameOf,
  };
}
