import type { Endpoint } from "../../core/model.ts";
import { BEHIND_MS } from "../../core/ordering.ts";
import type { Batch, Due, TakenDelivery, TakeFrom, TakeRequest, Work } from "../../store.ts";
import type { Database, Row, Statement } from "./database.ts";
import { advanceChanged } from "./ordering.ts";
import { cancelOrphans } from "./orphans.ts";
import { numbers, texts } from "./parameters.ts";
import { toEndpoint } from "./rows.ts";

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
 * journal says what is in flight. An endpoint comes with its first delivery where the worker does not know it.
 *
 * $1 worker, $2 now, and arrays of the same length: $3 endpoints, $4 shards, $5 epochs, $6 rooms, $7 due times and $8 ids
 * after which to begin, $9 what is in flight (ids with commas between them), $10 known revisions.
 */
const TAKE: Statement = {
  name: "take",
  text: `
    WITH me AS MATERIALIZED (
      SELECT id FROM hooks.workers WHERE id = $1 FOR KEY SHARE
    ), asked AS MATERIALIZED (
      SELECT asked.endpoint, asked.shard, room, after_due_ms, after_id, string_to_array(in_flight, ',') AS taken_already,
        CASE WHEN revision IS DISTINCT FROM known_revision THEN document END AS document,
        state, disabled_reason, revision, updated_ms
      FROM unnest($3::text[], $4::smallint[], $5::bigint[], $6::integer[], $7::bigint[], $8::text[], $9::text[], $10::integer[])
        AS asked (endpoint, shard, epoch, room, after_due_ms, after_id, in_flight, known_revision)
      JOIN me ON true
      JOIN hooks.shards ON shards.shard = asked.shard AND shards.owner = me.id AND shards.epoch = asked.epoch
      JOIN hooks.endpoints ON endpoints.id = asked.endpoint AND endpoints.state = 'active'
    ), found AS MATERIALIZED (
      SELECT candidate.*, room, document, state, disabled_reason, revision, updated_ms,
        row_number() OVER same AS place, lag(candidate.due_ms, 1, 0::bigint) OVER same AS due_before_ms
      FROM asked CROSS JOIN LATERAL (
        SELECT * FROM hooks.pending
        WHERE pending.shard = asked.shard AND pending.endpoint = asked.endpoint
          AND (pending.due_ms, pending.id) > (asked.after_due_ms, asked.after_id)
          AND pending.id <> ALL (asked.taken_already)
        ORDER BY pending.due_ms, pending.id
        LIMIT asked.room + 1
      ) AS candidate
      WINDOW same AS (PARTITION BY asked.endpoint ORDER BY candidate.due_ms, candidate.id)
    ), taken AS MATERIALIZED (
      SELECT * FROM found WHERE due_ms <= $2::bigint AND place <= room
    ), journalled AS (
      INSERT INTO hooks.journal (worker, taken_ms, deliveries, attempts, shards)
      SELECT $1, $2::bigint, array_agg(id), array_agg(attempts + 1), array_agg(shard) FROM taken HAVING count(*) > 0
      RETURNING batch
    )
    SELECT found.endpoint, found.due_ms, found.id, found.event, found.event_type, found.subscriber, found.attempts,
      found.attempts_before_schedule, found.created_ms, found.rendition, found.order_key, found.place,
      CASE WHEN place = 1 THEN document END AS document, state, disabled_reason, revision, updated_ms,
      (SELECT batch FROM journalled) AS batch, (due_ms <= $2::bigint) AS is_due,
      CASE WHEN found.rendition IS NULL THEN events.version ELSE renditions.version END AS version,
      CASE WHEN found.rendition IS NULL THEN events.body ELSE renditions.body END AS body
    FROM found
    LEFT JOIN hooks.events ON found.rendition IS NULL AND events.id = found.event
    LEFT JOIN hooks.renditions ON renditions.event = found.event AND renditions.key = found.rendition
    WHERE due_before_ms <= $2::bigint
    ORDER BY endpoint, place`,
};

/** Finding and taking what is due. */
export function createTaking(database: Database): Pick<Work, "due" | "take"> {
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
      await cancelOrphans(query, namesIn(row?.["orphans"]), nowMs);
      // The driver reads integer[] as an array of numbers, in the order of the names.
      const revisions = row?.["revisions"] as readonly number[];
      return {
        endpoints: namesIn(row?.["endpoints"]).map((id, index) => ({ id, revision: revisions[index] ?? 0 })),
        ...(nextDueMs === undefined ? {} : { nextDueMs: Number(nextDueMs) }),
      };
    },
    async take(request) {
      const rows = await query(TAKE, valuesOf(request));
      return toBatch(rows, new Map(request.from.map((from) => [from.endpoint, from])));
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

function toBatch(rows: readonly Row[], asked: ReadonlyMap<string, TakeFrom>): Batch {
  const deliveries: TakenDelivery[] = [];
  const endpoints: Endpoint[] = [];
  const more: string[] = [];
  let nextDueMs = Infinity;
  for (const row of rows) {
    const from = asked.get(String(row["endpoint"]));
    if (from === undefined) continue;
    const dueMs = Number(row["due_ms"]);
    if (row["is_due"] !== true) nextDueMs = dueMs === BEHIND_MS ? nextDueMs : Math.min(nextDueMs, dueMs);
    else if (Number(row["place"]) > from.room) more.push(from.endpoint);
    else {
      deliveries.push(toTaken(row, from));
      if (row["document"] !== null) endpoints.push(toEndpoint(row));
    }
  }
  return {
    id: Number(rows[0]?.["batch"] ?? 0),
    deliveries,
    endpoints,
    more,
    ...(nextDueMs === Infinity ? {} : { nextDueMs }),
  };
}

function toTaken(row: Row, { shard, epoch, endpoint }: TakeFrom): TakenDelivery {
  const attempts = Number(row["attempts"]);
  return {
    id: String(row["id"]),
    shard,
    epoch,
    endpoint,
    subscriber: String(row["subscriber"]),
    event: {
      id: String(row["event"]),
      type: String(row["event_type"]),
      version: String(row["version"]),
      // The driver reads bytea as bytes.
      body: row["body"] as Uint8Array,
    },
    ...(row["rendition"] === null ? {} : { rendition: String(row["rendition"]) }),
    ...(row["order_key"] === null ? {} : { orderKey: String(row["order_key"]) }),
    dueMs: Number(row["due_ms"]),
    attempts,
    scheduleStep: attempts - Number(row["attempts_before_schedule"]),
    createdAtMs: Number(row["created_ms"]),
  };
}
