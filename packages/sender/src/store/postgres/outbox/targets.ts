import { patternsOf } from "../../../core/subscription.ts";
import type { NewEvent } from "../../../store.ts";
import { createAudiences } from "../../audiences.ts";
import type { Target } from "../../rendering.ts";
import type { Session, Statement } from "../database.ts";
import { numbers, texts } from "../parameters.ts";

/** Which endpoints take events that are to be published. */
export interface Targets {
  /** Whether there is one that an event is for. */
  isSubscriber(id: string): boolean;
  targetsOf(event: NewEvent): readonly Target[];
  /** Whether they are still so is to be asked when the events are kept: see `TargetsMemory`. Absent: they were just read. */
  readonly version?: string;
}

const STATEMENTS = {
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

export async function readTargets(query: Session["query"], events: readonly NewEvent[]): Promise<Targets> {
  const audiences = audiencesOf(events);
  const subscribers = new Set<string>();
  const targets = new Map<number | string, Target[]>();
  for (const row of await query(STATEMENTS.targets, audiences.values)) {
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
    isSubscriber: (id) => subscribers.has(id),
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
