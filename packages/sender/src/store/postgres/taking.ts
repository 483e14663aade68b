import { BEHIND_MS } from "../../core/ordering.ts";
import type { Batch, Due, TakenDelivery, TakeFrom, TakeRequest, Work } from "../../store.ts";
import { openToSend } from "../bodies.ts";
import type { Seals } from "../seals.ts";
import type { Database, Row, Statement } from "./database.ts";
import { advanceChanged } from "./ordering.ts";
import { cancelSomeOrphans } from "./orphans.ts";
import { numbers, texts } from "./parameters.ts";
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
 * and the one after that. The worker's row is locked against whoever would take its shards over: that waits until the
 * journal says what is in flight. The commit does not wait for the disk: whoever outlives this worker reads the journal
 * from the same server, and should the server go down with the worker, at most the count of an attempt is lost. Rows are of four kinds, which share their columns: deliveries; what they send, once for
 * all that send the same; endpoints that the worker does not know; the batch.
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
        state, disabled_reason, revision, updated_ms
      FROM unnest($3::text[], $4::smallint[], $5::bigint[], $6::integer[], $7::bigint[], $8::text[], $9::text[], $10::integer[])
        WITH ORDINALITY AS asked (endpoint, shard, epoch, room, after_due_ms, after_id, in_flight, known_revision, number)
      JOIN me ON true
      JOIN hooks.shards ON shards.shard = asked.shard AND shards.owner = me.id AND shards.epoch = asked.epoch
      JOIN hooks.endpoints ON endpoints.id = asked.endpoint AND endpoints.state = 'active'
    ), found AS MATERIALIZED (
      SELECT candidate.*, number, room,
        row_number() OVER same AS place, lag(candidate.due_ms, 1, 0::bigint) OVER same AS due_before_ms
      FROM asked CROSS JOIN LATERAL (
        SELECT * FROM hooks.pending
        WHERE pending.shard = asked.shard AND pending.endpoint = asked.endpoint
          AND (pending.due_ms, pending.id) > (asked.after_due_ms, asked.after_id)
          AND pending.id <> ALL (asked.taken_already)
        ORDER BY pending.due_ms, pending.id
        LIMIT asked.room + 1
      ) AS candidate
      WINDOW same AS (PARTITION BY number ORDER BY candidate.due_ms, candidate.id)
    ), taken AS MATERIALIZED (
      SELECT * FROM found WHERE due_ms <= $2::bigint AND place <= room
    ), journalled AS (
      INSERT INTO hooks.journal (worker, taken_ms, deliveries, attempts, shards)
      SELECT $1, $2::bigint, array_agg(id), array_agg(attempts + 1), array_agg(shard) FROM taken HAVING count(*) > 0
      RETURNING batch
    ), own AS MATERIALIZED (
      SELECT DISTINCT event FROM taken WHERE rendition IS NULL
    ), other AS MATERIALIZED (
      SELECT DISTINCT event, rendition, event_type FROM taken WHERE rendition IS NOT NULL
    )
    SELECT number, due_ms, id, event, rendition, subscriber, attempts, attempts_before_schedule, created_ms, order_key,
      NULL AS type, NULL AS version, NULL::bytea AS body,
      NULL AS endpoint, NULL AS document, NULL AS state, NULL AS disabled_reason, NULL::integer AS revision, NULL::bigint AS updated_ms,
      NULL::bigint AS batch
    FROM found WHERE due_before_ms <= $2::bigint
    UNION ALL
    SELECT NULL, NULL, NULL, own.event, NULL, NULL, NULL, NULL, NULL, NULL, events.type, events.version, events.body,
      NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM own JOIN hooks.events ON events.id = own.event
    UNION ALL
    SELECT NULL, NULL, NULL, other.event, other.rendition, NULL, NULL, NULL, NULL, NULL, other.event_type,
      renditions.version, renditions.body, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM other JOIN hooks.renditions ON renditions.event = other.event AND renditions.key = other.rendition
    UNION ALL
    SELECT number, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, endpoint, document, state,
      disabled_reason, revision, updated_ms, NULL
    FROM asked WHERE document IS NOT NULL AND EXISTS (SELECT FROM taken WHERE taken.number = asked.number)
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      batch
    FROM journalled
    ORDER BY number, due_ms, id`,
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

function toBatch(rows: readonly Row[], { from: asked, nowMs }: TakeRequest, seals: Seals): Batch {
  const sources = sourcesOf(rows, seals);
  const deliveries: TakenDelivery[] = [];
  const more: string[] = [];
  const places = asked.map(() => 0);
  let nextDueMs = Infinity;
  for (const row of rows) {
    if (row["id"] === null) continue;
    const index = Number(row["number"]) - 1;
    const from = asked[index];
    const dueMs = Number(row["due_ms"]);
    const place = (places[index] ?? 0) + 1;
    if (from === undefined) continue;
    if (dueMs > nowMs) nextDueMs = dueMs === BEHIND_MS ? nextDueMs : Math.min(nextDueMs, dueMs);
    else if (place > from.room) more.push(from.endpoint);
    else deliveries.push(toTaken(row, from, sources));
    places[index] = place;
  }
  return {
    id: Number(rows.find((row) => row["batch"] !== null)?.["batch"] ?? 0),
    deliveries,
    endpoints: rows.filter((row) => row["document"] !== null).map((row) => toEndpointToServe(row, seals)),
    more,
    ...(nextDueMs === Infinity ? {} : { nextDueMs }),
  };
}

type Source = Pick<TakenDelivery, "event" | "fault">;
type Sources = ReadonlyMap<string, Source>;

/** What is sent, by `sourceKey`. */
function sourcesOf(rows: readonly Row[], seals: Seals): Sources {
  const sources = new Map<string, Source>();
  for (const row of rows) if (row["body"] !== null) sources.set(sourceKey(row), toSource(row, seals));
  return sources;
}

function toSource(row: Row, seals: Seals): Source {
  const event = String(row["event"]);
  // The driver reads text as text and bytea as bytes.
  const rendition = row["rendition"] as string | null;
  const { body, ...fault } = openToSend(seals, { event, rendition, kept: row["body"] as Uint8Array });
  return { event: { id: event, type: String(row["type"]), version: String(row["version"]), body }, ...fault };
}

function sourceKey(row: Row): string {
  return row["rendition"] === null ? String(row["event"]) : `${row["event"]} ${row["rendition"]}`;
}

function toTaken(row: Row, { shard, epoch, endpoint }: TakeFrom, sources: Sources): TakenDelivery {
  const attempts = Number(row["attempts"]);
  const source = sources.get(sourceKey(row));
  if (source === undefined) throw new Error(`There is nothing to send for the delivery ${row["id"]}`);
  return {
    id: String(row["id"]),
    shard,
    epoch,
    endpoint,
    subscriber: String(row["subscriber"]),
    ...source,
    ...(row["rendition"] === null ? {} : { rendition: String(row["rendition"]) }),
    ...(row["order_key"] === null ? {} : { orderKey: String(row["order_key"]) }),
    dueMs: Number(row["due_ms"]),
    attempts,
    scheduleStep: attempts - Number(row["attempts_before_schedule"]),
    createdAtMs: Number(row["created_ms"]),
  };
}
