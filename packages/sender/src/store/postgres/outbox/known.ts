import type { NewEvent } from "../../../store.ts";
import type { Seals } from "../../seals.ts";
import type { Session, Statement } from "../database.ts";
import { keyOf } from "../idempotency.ts";
import { texts } from "../parameters.ts";
import type { Targets } from "./targets.ts";

/** What publishing has to know of events that are to be published. */
export interface Known extends Targets {
  /** Those of their ids that are kept already. */
  readonly events: ReadonlyMap<string, KnownEvent>;
  /** Also those whose time is over. */
  readonly keys: ReadonlyMap<string, KnownKey>;
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
} as const satisfies Record<string, Statement>;

export interface KnownOptions {
  readonly seals: Seals;
  /** Where the targets are known from. */
  readonly targetsFor: (query: Session["query"], events: readonly NewEvent[]) => Promise<Targets>;
}

export async function readKnown(
  query: Session["query"],
  events: readonly NewEvent[],
  { seals, targetsFor }: KnownOptions,
): Promise<Known> {
  const keys = texts(
    events.flatMap(({ idempotency }) => (idempotency === undefined ? [] : [keyOf(idempotency)])),
  );
  const ids = events.filter(({ isFresh }) => isFresh !== true).map(({ id }) => id);
  // Keys first: each statement sees what is committed by then, so no key is seen without its event.
  const [keyRows, eventRows, targets] = await Promise.all([
    keys === "{}" ? [] : query(STATEMENTS.keys, [keys]),
    ids.length === 0 && keys === "{}" ? [] : query(STATEMENTS.events, [texts(ids), keys]),
    targetsFor(query, events),
  ]);
  return {
    ...targets,
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
  };
}
