import { BEHIND_MS } from "../../core/ordering.ts";
import type { Batch, Due, TakenDelivery, TakeFrom, TakeRequest, Work } from "../../store.ts";
import { openToSend } from "../bodies.ts";
import type { Seals } from "../seals.ts";
import type { Database, Row, Statement } from "./database.ts";
import { advanceChanged } from "./ordering.ts";
import { cancelSomeOrphans } from "./orphans.ts";
import { numbers, texts } from "./parameters.ts";
import { textOf } from "../rows.ts";
import { toEndpointToServe } from "./rows.ts";

/**
 * Walks from one endpoint of a shard to the next, never over the deliveries between them.
 *
 * $1 shards, $2 now
 */
const DUE: Statement = {
  name: "due",
  text: `
    WITH RECURSIVE walk AS (
      SELECT asked.shard, first.endpoint, first.due_ms FROM unnest($1::smallint[]) AS asked (shard)
      CROSS JOIN LATERAL (
        SELECT endpoint, due_ms FROM hooks.pending WHERE pending.shard = asked.shard ORDER BY endpoint, due_ms LIMIT 1
      ) AS first
      UNION ALL
      SELECT walk.shard, next.endpoint, next.due_ms FROM walk
      CROSS JOIN LATERAL (
        SELECT endpoint, due_ms FROM hooks.pending WHERE pending.shard = walk.shard AND pending.endpoint > walk.endpoint
        ORDER BY endpoint, due_ms LIMIT 1
      ) AS next
    ), waiting AS (
      SELECT walk.endpoint, walk.due_ms, endpoints.state, endpoints.revision FROM walk LEFT JOIN hooks.endpoints ON endpoints.id = walk.endpoint
    )
    SELECT coalesce(array_agg(endpoint) FILTER (WHERE state = 'active' AND due_ms <= $2::bigint), '{}') AS endpoints,
      coalesce(array_agg(revision) FILTER (WHERE state = 'active' AND due_ms <= $2::bigint), '{}') AS revisions,
      coalesce(array_agg(endpoint) FILTER (WHERE state IS NULL), '{}') AS orphans,
      min(due_ms) FILTER (WHERE state = 'active' AND due_ms > $2::bigint AND due_ms < ${BEHIND_MS}) AS next_due_ms,
      (SELECT array_agg(DISTINCT shard) FROM hooks.key_changes WHERE shard = ANY ($1::smallint[])) AS changed
    FROM waiting`,
};

/**
 * Takes and journals in one statement, so in one transaction and one round trip: of every endpoint what there is room for,
 * and when the one after that is due. The worker's row is locked against whoever would take its shards over: that waits
 * until the journal says what is in flight. The commit does not wait for the disk: whoever outlives this worker reads the
 * journal from the same server, and should the server go down with the worker, at most the count of an attempt is lost.
 *
 * The first row has all deliveries, as lists with as many values each, for a row costs more to read than all that is in it.
 * Then come rows of what they send, once for all that send the same.
 *
 * $1 worker, $2 now, and arrays of the same length: $3 endpoints, $4 shards, $5 epochs, $6 rooms, $7 due times and $8 ids
 * after which to begin, $9 what is in flight (ids with commas between them), $10 known revisions.
 */
const TAKE: Statement = {
  name: "take",
  text: `
    WITH me AS MATERIALIZED (
      SELECT id, set_config('synchronous_commit', 'off', true) FROM hooks.workers WHERE id = $1 FOR KEY SHARE
    ), asked AS MATERIALIZED (
      SELECT number, asked.endpoint, asked.shard, room, after_due_ms, after_id,
        string_to_array(in_flight, ',') AS taken_already,
        CASE WHEN revision IS DISTINCT FROM known_revision THEN document END AS document,
        subscriber, state, disabled_reason, revision, updated_ms
      FROM unnest($3::text[], $4::smallint[], $5::bigint[], $6::integer[], $7::bigint[], $8::text[], $9::text[], $10::integer[])
        WITH ORDINALITY AS asked (endpoint, shard, epoch, room, after_due_ms, after_id, in_flight, known_revision, number)
      JOIN me ON true
      JOIN hooks.shards ON shards.shard = asked.shard AND shards.owner = me.id AND shards.epoch = asked.epoch
      JOIN hooks.endpoints ON endpoints.id = asked.endpoint AND endpoints.state = 'active'
    ), found AS MATERIALIZED (
      SELECT number, candidate.*, place <= room AND due_ms <= $2::bigint AS is_taken
      FROM asked CROSS JOIN LATERAL (
        SELECT due_ms, id, event, rendition, attempts, attempts_before_schedule, created_ms, order_key, pending.shard,
          row_number() OVER (ORDER BY due_ms, id) AS place
        FROM hooks.pending
        WHERE pending.shard = asked.shard AND pending.endpoint = asked.endpoint
          AND (pending.due_ms, pending.id) > (asked.after_due_ms, asked.after_id)
          AND pending.id <> ALL (asked.taken_already)
        ORDER BY due_ms, id
        LIMIT asked.room + 1
      ) AS candidate
    ), journalled AS (
      INSERT INTO hooks.journal (worker, taken_ms, deliveries, attempts, shards)
      SELECT $1, $2::bigint, array_agg(id), array_agg(attempts + 1), array_agg(shard)
      FROM found WHERE is_taken HAVING count(*) > 0
      RETURNING batch
    ), taken AS (
      SELECT json_agg(number) AS numbers, json_agg(id) AS ids, json_agg(event) AS events, json_agg(rendition) AS renditions,
        json_agg(due_ms) AS due, json_agg(attempts) AS attempts, json_agg(attempts_before_schedule) AS before,
        json_agg(created_ms) AS created, json_agg(order_key) AS keys
      FROM found WHERE is_taken
    ), rest AS (
      SELECT json_agg(number) AS rest, json_agg(due_ms) AS rest_due
      FROM (SELECT number, min(due_ms) AS due_ms FROM found WHERE NOT is_taken GROUP BY number) AS rest
    ), unknown AS (
      SELECT json_agg(unknown) AS endpoints
      FROM (
        SELECT endpoint, document, state, disabled_reason, revision, updated_ms FROM asked
        WHERE document IS NOT NULL AND EXISTS (SELECT FROM found WHERE found.number = asked.number AND is_taken)
      ) AS unknown
    ), lists AS (
      SELECT taken.*, rest.*, unknown.*, (SELECT batch FROM journalled) AS batch,
        (SELECT json_object_agg(number, subscriber) FROM asked) AS subscribers
      FROM taken, rest, unknown
    )
    SELECT to_json(lists) AS lists, NULL AS event, NULL AS rendition, NULL AS type, NULL AS version, NULL::bytea AS body
    FROM lists
    UNION ALL
    SELECT NULL, sent.event, NULL, type, version, body
    FROM (SELECT DISTINCT event FROM found WHERE is_taken AND rendition IS NULL) AS sent
    JOIN hooks.events ON events.id = sent.event
    UNION ALL
    SELECT NULL, sent.event, sent.rendition, type, renditions.version, renditions.body
    FROM (SELECT DISTINCT event, rendition FROM found WHERE is_taken AND rendition IS NOT NULL) AS sent
    JOIN hooks.events ON events.id = sent.event
    JOIN hooks.renditions ON renditions.event = sent.event AND renditions.key = sent.rendition`,
};

/** Finding and taking what is due. */
export function createTaking(database: Database, seals: Seals): Pick<Work, "due" | "take"> {
  const { query } = database;
  return {
    async due({ shards, nowMs }): Promise<Due> {
      const values = [numbers(shards.map(({ shard }) => shard)), nowMs];
      let [row] = await query(DUE, values);
      // The driver reads smallint[] as an array of numbers.
      const changed = row?.["changed"] as readonly number[] | null | undefined;
      if (changed) {
        await advanceChanged(database, changed, nowMs);
        [row] = await query(DUE, values);
      }
      const nextDueMs = row?.["next_due_ms"] ?? undefined;
      // The rest when it is looked for again: what is due elsewhere does not wait for the end of a long backlog.
      for (const orphan of namesIn(row?.["orphans"])) await cancelSomeOrphans(query, orphan, nowMs);
      // The driver reads integer[] as an array of numbers, in the order of the names.
      const revisions = row?.["revisions"] as readonly number[];
      return {
        endpoints: namesIn(row?.["endpoints"]).map((id, index) => ({ id, revision: revisions[index] ?? 0 })),
        ...(nextDueMs === undefined ? {} : { nextDueMs: Number(nextDueMs) }),
      };
    },
    async take(request) {
      return toBatch(await query(TAKE, valuesOf(request)), request, seals);
    },
  };
}

function namesIn(array: unknown): readonly string[] {
  // The driver reads text[] as an array of texts.
  return array as readonly string[];
}

function valuesOf({ worker, nowMs, from }: TakeRequest) {
  return [
    worker,
    nowMs,
    texts(from.map(({ endpoint }) => endpoint)),
    numbers(from.map(({ shard }) => shard)),
    numbers(from.map(({ epoch }) => epoch)),
    numbers(from.map(({ room }) => room)),
    // Before every delivery, where nothing is said.
    numbers(from.map(({ after }) => after?.dueMs ?? -1)),
    texts(from.map(({ after }) => after?.id ?? "")),
    texts(from.map(({ inFlight }) => [...inFlight].join(","))),
    numbers(from.map(({ knownRevision }) => knownRevision)),
  ];
}

/** What the first row of `take` says. The lists of deliveries, and those of what is left, are null where there are none. */
interface Lists {
  /** Places in the request, from 1. */
  readonly numbers: readonly number[] | null;
  readonly ids: readonly string[];
  readonly events: readonly string[];
  readonly renditions: readonly (string | null)[];
  readonly due: readonly number[];
  readonly attempts: readonly number[];
  readonly before: readonly number[];
  readonly created: readonly number[];
  readonly keys: readonly (string | null)[];
  readonly rest: readonly number[] | null;
  readonly rest_due: readonly number[];
  readonly endpoints: readonly Row[] | null;
  /** By place in the request. */
  readonly subscribers: Readonly<Record<number, string>>;
  readonly batch: number | null;
}

function toBatch([first, ...rows]: readonly Row[], { from: asked, nowMs }: TakeRequest, seals: Seals): Batch {
  // The driver reads json as what it says.
  const lists = first?.["lists"] as Lists;
  const sources = sourcesOf(rows, seals);
  const more: string[] = [];
  let nextDueMs = Infinity;
  for (const [index, number] of (lists.rest ?? []).entries()) {
    const dueMs = at(lists.rest_due, index);
    if (dueMs <= nowMs) more.push(at(asked, number - 1).endpoint);
    else if (dueMs !== BEHIND_MS) nextDueMs = Math.min(nextDueMs, dueMs);
  }
  return {
    id: lists.batch ?? 0,
    deliveries: (lists.numbers ?? []).map((number, index) =>
      toTaken(lists, index, { from: at(asked, number - 1), sources }),
    ),
    endpoints: (lists.endpoints ?? []).map((row) => toEndpointToServe(row, seals)),
    more,
    ...(nextDueMs === Infinity ? {} : { nextDueMs }),
  };
}

/** Lists that belong together are as long as one another. */
function at<T>(list: readonly T[], index: number): T {
  return list[index] as T;
}

type Source = Pick<TakenDelivery, "event" | "fault">;

/** What is sent, by `sourceKey`. */
type Sources = ReadonlyMap<string, Source>;

function sourcesOf(rows: readonly Row[], seals: Seals): Sources {
  const sources = new Map<string, Source>();
  for (const row of rows) {
    const event = textOf(row["event"]);
    // The driver reads text as text and bytea as bytes.
    const rendition = row["rendition"] as string | null;
    const { body, ...fault } = openToSend(seals, { event, rendition, kept: row["body"] as Uint8Array });
    const sent = { id: event, type: textOf(row["type"]), version: textOf(row["version"]), body };
    sources.set(sourceKey(event, rendition), { event: sent, ...fault });
  }
  return sources;
}

function sourceKey(event: string, rendition: string | null): string {
  return rendition === null ? event : `${event} ${rendition}`;
}

interface Origin {
  readonly from: TakeFrom;
  readonly sources: Sources;
}

function toTaken(lists: Lists, index: number, { from, sources }: Origin): TakenDelivery {
  const id = at(lists.ids, index);
  const rendition = at(lists.renditions, index);
  const orderKey = at(lists.keys, index);
  const attempts = at(lists.attempts, index);
  const source = sources.get(sourceKey(at(lists.events, index), rendition));
  if (source === undefined) throw new Error(`There is nothing to send for the delivery ${id}`);
  const { shard, epoch, endpoint } = from;
  const plain = {
    id,
    shard,
    epoch,
    endpoint,
    subscriber: lists.subscribers[at(lists.numbers ?? [], index)] ?? "",
    event: source.event,
    dueMs: at(lists.due, index),
    attempts,
    scheduleStep: attempts - at(lists.before, index),
    createdAtMs: at(lists.created, index),
  };
  // Nearly all are: copying members one by one is what a delivery would cost most here.
  if (rendition === null && orderKey === null && source.fault === undefined) return plain;
  return {
    ...plain,
    ...source,
    ...(rendition === null ? {} : { rendition }),
    ...(orderKey === null ? {} : { orderKey }),
  };
}
