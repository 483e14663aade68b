import type { EndpointHealth } from "../../core/endpoint-health.ts";
import type { SettlementAnnouncement, Settlement, SettleRequest, Work } from "../../store.ts";
import type { Seals } from "../seals.ts";
import { announceStep } from "./announcing.ts";
import type { Database, Row, Session, Statement } from "./database.ts";
import { advanceStep, lockStep, type OrderKey } from "./ordering.ts";
import type { KeyGuard } from "./keys.ts";
import { numbers, rareNumbers, rareTexts, texts } from "./parameters.ts";

/**
 * Records what attempts came to, in one statement. Only what comes under the present epoch counts, and the owner's row is
 * locked meanwhile against whoever would take its shards over. Gives the shards that are owned with their epochs, the
 * deliveries that were not pending any more, those that died, and the endpoints that were disabled: each as one text with
 * commas, for a row costs more to read than all that is in it. While some of its shards wait for who takes them over, the
 * journal goes on saying what was in flight of these.
 *
 * $1 now, $2 finished batches, and arrays of the same length, or empty for nothing but nulls: $3 ids, $4 shards, $5 epochs,
 * $6 states, $7 reasons, $8 due times, $9 numbers of the attempts, $10 when they started, $11 how long they took,
 * $12 outcomes, $13 statuses, $14 responses, $15 attempts before the schedule, $16 endpoints to disable, $17 why. Of
 * endpoints whose health has changed: $18 ids, $19 shards, $20 epochs, $21 what is known against them, null for nothing.
 */
const SETTLE: Statement = {
  name: "settle",
  // IS TRUE keeps the planner from making a join of the subquery, which would compare everything with everything. Arrays in
  // step with one another are unnested where they are selected: as a table, each would be written down first.
  text: `
    WITH owned AS MATERIALIZED (
      SELECT shards.shard, shards.epoch FROM hooks.shards JOIN hooks.workers ON workers.id = shards.owner
      WHERE shards.shard = ANY ($4::smallint[] || $19::smallint[])
      FOR KEY SHARE OF workers
    ), settled AS MATERIALIZED (
      SELECT * FROM (
        SELECT unnest($3::text[]) AS id, unnest($4::smallint[]) AS shard, unnest($5::bigint[]) AS epoch,
          unnest($6::text[]) AS state, unnest($7::text[]) AS reason, unnest($8::bigint[]) AS next_ms,
          unnest($9::integer[]) AS number, unnest($10::bigint[]) AS started_ms, unnest($11::integer[]) AS duration_ms,
          unnest($12::text[]) AS outcome, unnest($13::smallint[]) AS status, unnest($14::text[]) AS response,
          unnest($15::integer[]) AS before, unnest($16::text[]) AS hopeless, unnest($17::text[]) AS disable
      ) AS given
      WHERE ((shard, epoch) IN (SELECT shard, epoch FROM owned)) IS TRUE
    ), gone AS (
      DELETE FROM hooks.pending USING settled
      WHERE pending.id = settled.id AND settled.state <> 'scheduled'
        AND (settled.state = 'delivered' OR pending.attempts_before_schedule = settled.before)
      RETURNING pending.event, pending.event_type, pending.endpoint, pending.subscriber, pending.created_ms,
        pending.rendition, pending.order_key, pending.position, settled.*
    ), finished AS (
      INSERT INTO hooks.finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms,
        reason, rendition, order_key, position, last_started_ms, last_duration_ms, last_outcome, last_status,
        last_response)
      SELECT id, event, event_type, endpoint, subscriber, state, number, created_ms, $1::bigint, reason, rendition,
        order_key, position, started_ms, duration_ms, outcome, status, response
      FROM gone
    ), moved AS (
      UPDATE hooks.pending SET
        due_ms = CASE WHEN pending.attempts_before_schedule = settled.before THEN settled.next_ms ELSE $1::bigint END,
        attempts_before_schedule = CASE WHEN pending.attempts_before_schedule = settled.before
          THEN pending.attempts_before_schedule ELSE settled.number END,
        attempts = settled.number
      FROM settled
      WHERE pending.id = settled.id AND settled.state <> 'delivered'
        AND (settled.state = 'scheduled' OR pending.attempts_before_schedule <> settled.before)
      RETURNING settled.*
    ), recorded AS (
      INSERT INTO hooks.attempts (delivery, number, started_ms, duration_ms, outcome, status, response)
      SELECT id, number, started_ms, duration_ms, outcome, status, response FROM moved
      ON CONFLICT DO NOTHING
    ), disabled AS (
      UPDATE hooks.endpoints SET state = 'disabled', disabled_reason = wanted.disable, revision = revision + 1,
        updated_ms = $1::bigint
      FROM (SELECT DISTINCT ON (hopeless) hopeless, disable FROM settled WHERE disable IS NOT NULL) AS wanted
      WHERE endpoints.id = wanted.hopeless AND endpoints.state <> 'disabled'
      RETURNING endpoints.id
    ), changed AS MATERIALIZED (
      SELECT given.* FROM unnest($18::text[], $19::smallint[], $20::bigint[], $21::text[])
        AS given (endpoint, shard, epoch, document) JOIN owned USING (shard, epoch)
    ), standing AS MATERIALIZED (
      SELECT changed.* FROM changed JOIN hooks.endpoints ON endpoints.id = changed.endpoint
      WHERE changed.document IS NOT NULL
      FOR KEY SHARE OF endpoints
    ), sick AS (
      INSERT INTO hooks.health (endpoint, shard, document) SELECT endpoint, shard, document FROM standing
      ON CONFLICT (endpoint) DO UPDATE SET document = excluded.document
    ), well AS (
      DELETE FROM hooks.health USING changed WHERE health.endpoint = changed.endpoint AND changed.document IS NULL
    ), journalled AS (
      DELETE FROM hooks.journal WHERE batch = ANY ($2::bigint[])
        AND NOT EXISTS (SELECT FROM unnest($4::smallint[]) AS given (shard) WHERE shard NOT IN (SELECT shard FROM owned))
    )
    SELECT (SELECT string_agg(shard || ' ' || epoch, ',') FROM owned) AS owned,
      CASE WHEN (SELECT count(*) FROM gone) + (SELECT count(*) FROM moved) < (SELECT count(*) FROM settled)
        THEN (SELECT string_agg(id, ',') FROM settled
          WHERE id NOT IN (SELECT id FROM gone UNION ALL SELECT id FROM moved)) END AS late,
      (SELECT string_agg(id, ',') FROM gone WHERE state = 'dead') AS died,
      (SELECT string_agg(id, ',') FROM disabled) AS disabled`,
};

/**
 * Of deliveries that were cancelled while in flight: the attempts were made all the same. What is settled again, because the
 * first answer was lost, stands already as the last attempt of its delivery.
 *
 * $1 ids, $2 numbers, $3 when they started, $4 how long they took, $5 outcomes, $6 statuses, $7 responses
 */
const SETTLE_LATE: Statement = {
  name: "settle_late",
  text: `
    WITH late AS MATERIALIZED (
      SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::integer[], $5::text[], $6::smallint[], $7::text[])
      AS late (id, number, started_ms, duration_ms, outcome, status, response)
    ), recorded AS (
      INSERT INTO hooks.attempts (delivery, number, started_ms, duration_ms, outcome, status, response)
      SELECT * FROM late WHERE NOT EXISTS (
        SELECT FROM hooks.finished
        WHERE finished.id = late.id AND finished.attempts = late.number AND finished.last_outcome IS NOT NULL
      )
      ON CONFLICT DO NOTHING
    )
    UPDATE hooks.finished SET attempts = greatest(finished.attempts, late.number) FROM late WHERE finished.id = late.id`,
};

/** $1 shards */
const HEALTH: Statement = {
  name: "health",
  text: "SELECT endpoint, document FROM hooks.health WHERE shard = ANY ($1::smallint[])",
};

/** Recording what attempts came to, and what they say of endpoints. */
export function createSettling(
  { query, session }: Pick<Database, "query" | "session">,
  keys: KeyGuard,
): Pick<Work, "settle" | "health"> {
  return {
    async health(shards) {
      const rows = await query(HEALTH, [numbers(shards)]);
      return rows.map((row) => ({
        endpoint: String(row["endpoint"]),
        // Written by `settle`.
        health: JSON.parse(String(row["document"])) as EndpointHealth,
      }));
    },
    async settle(request) {
      const { settlements } = request;
      const happened = await keys.sealing(() => session((one) => settleAll(one, request, keys)));
      const settled = settlements.map((settlement) => happened.isCounted(settlement));
      const late = settlements.filter(({ delivery }) => happened.late.has(delivery.id));
      if (late.length > 0) await query(SETTLE_LATE, attemptsOf(late, keys.seals));
      return settled;
    },
  };
}

/** Where something of an order key comes to its end, the next of the key is due in the same transaction. */
async function settleAll(session: Session, request: SettleRequest, guard: KeyGuard): Promise<Happened> {
  const { settlements, nowMs } = request;
  const keys = endedKeys(request);
  const values = valuesOf(request, guard.seals);
  const isAnswered = settlements.some(({ attempt }) => attempt.response !== undefined);
  const required = isAnswered ? guard.requireSteps() : [];
  const isToTell = settlements.some(({ announcements = [] }) => announcements.length > 0);
  if (keys.length === 0 && !isToTell && required.length === 0)
    return readHappened(await session.query(SETTLE, values));
  const lock = lockStep(keys.map(({ shard }) => shard));
  let happened: Happened | undefined;
  await session.atomically(async ({ query }) => {
    // Sent together: the second sees all that was committed before the lock was had.
    const [, rows] = await Promise.all([query(lock.statement, lock.values), query(SETTLE, values)]);
    happened = readHappened(rows);
    const announcements = announcementsOf(settlements, happened);
    return [
      ...(keys.length === 0 ? [] : [advanceStep(keys, nowMs)]),
      ...(announcements.length === 0 ? [] : [announceStep(announcements, nowMs)]),
      ...required,
    ];
  });
  return happened ?? readHappened([]);
}

/** What has come of settlements. */
interface Happened {
  isCounted(settlement: Settlement): boolean;
  /** Deliveries that count and were not pending any more. */
  readonly late: ReadonlySet<string>;
  /** Deliveries that have died of it. */
  readonly died: ReadonlySet<string>;
  /** Endpoints. */
  readonly disabled: ReadonlySet<string>;
}

function readHappened([row]: readonly Row[]): Happened {
  // The driver reads text as text.
  const listOf = (what: string) => (row?.[what] as string | null | undefined)?.split(",") ?? [];
  const owned = new Map(listOf("owned").map((pair) => pair.split(" ").map(Number) as [number, number]));
  return {
    isCounted: ({ delivery: { shard, epoch } }) => owned.get(shard) === epoch,
    late: new Set(listOf("late")),
    died: new Set(listOf("died")),
    disabled: new Set(listOf("disabled")),
  };
}

/** What is to be told. Of several that wanted to disable an endpoint, the first did. */
function announcementsOf(
  settlements: readonly Settlement[],
  { isCounted, died, disabled }: Happened,
): readonly SettlementAnnouncement[] {
  const untold = new Set(disabled);
  return settlements.flatMap((settlement) => {
    const { delivery, announcements = [] } = settlement;
    if (!isCounted(settlement)) return [];
    const isDisabled = settlement.disableEndpoint !== undefined && untold.delete(delivery.endpoint);
    const happened = { settled: true, dead: died.has(delivery.id), disabled: isDisabled };
    return announcements.filter(({ on }) => happened[on]);
  });
}

function endedKeys({ settlements }: SettleRequest): readonly (OrderKey & { readonly shard: number })[] {
  return settlements.flatMap(({ delivery: { shard, endpoint, orderKey }, next }) =>
    orderKey === undefined || next.state === "scheduled" ? [] : [{ shard, endpoint, orderKey }],
  );
}

function valuesOf({ settlements, health, finishedBatches, nowMs }: SettleRequest, seals: Seals) {
  const deliveries = settlements.map(({ delivery }) => delivery);
  const [ids, ...attempts] = attemptsOf(settlements, seals);
  return [
    nowMs,
    numbers(finishedBatches),
    ids,
    numbers(deliveries.map(({ shard }) => shard)),
    numbers(deliveries.map(({ epoch }) => epoch)),
    texts(settlements.map(({ next }) => next.state)),
    rareTexts(settlements.map(({ next }) => (next.state === "dead" ? next.reason : undefined))),
    rareNumbers(settlements.map(({ next }) => (next.state === "scheduled" ? next.dueMs : undefined))),
    ...attempts,
    numbers(deliveries.map(({ attempts: made, scheduleStep }) => made - scheduleStep)),
    rareTexts(settlements.map(({ delivery, disableEndpoint }) => disableEndpoint && delivery.endpoint)),
    rareTexts(settlements.map(({ disableEndpoint }) => disableEndpoint)),
    texts(health.map(({ endpoint }) => endpoint)),
    numbers(health.map(({ shard }) => shard)),
    numbers(health.map(({ epoch }) => epoch)),
    texts(health.map((one) => (one.health === undefined ? undefined : JSON.stringify(one.health)))),
  ];
}

function attemptsOf(settlements: readonly Settlement[], seals: Seals): readonly [ids: string, ...string[]] {
  const attempts = settlements.map(({ attempt }) => attempt);
  return [
    texts(attempts.map(({ delivery }) => delivery)),
    numbers(attempts.map(({ number }) => number)),
    numbers(attempts.map(({ startedAtMs }) => startedAtMs)),
    numbers(attempts.map(({ durationMs }) => Math.round(durationMs))),
    texts(attempts.map(({ outcome }) => outcome)),
    numbers(attempts.map(({ status }) => status)),
    rareTexts(
      attempts.map(({ delivery, number, response }) =>
        response === undefined ? undefined : seals.response(delivery, number, response),
      ),
    ),
  ];
}
