import type { Settlement, SettleRequest, Work } from "../../store.ts";
import type { Database, Row, Statement } from "./database.ts";
import { numbers, texts } from "./parameters.ts";

/**
 * Records what attempts came to, in one statement. Only what comes under the present epoch counts, and the owner's row is
 * locked meanwhile against whoever would take its shards over. A delivery that is not pending any more was cancelled while
 * in flight: its attempt is recorded all the same.
 *
 * $1 now, $2 finished batches, and arrays of the same length: $3 ids, $4 shards, $5 epochs, $6 states, $7 reasons, $8 due
 * times, $9 numbers of the attempts, $10 when they started, $11 how long they took, $12 outcomes, $13 statuses,
 * $14 responses, $15 attempts before the schedule, $16 endpoints, $17 why they are to be disabled.
 */
const SETTLE: Statement = {
  name: "settle",
  text: `
    WITH given AS MATERIALIZED (
      SELECT * FROM unnest($3::text[], $4::smallint[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::integer[],
        $10::bigint[], $11::integer[], $12::text[], $13::smallint[], $14::text[], $15::integer[], $16::text[], $17::text[])
      AS given (id, shard, epoch, state, reason, due_ms, number, started_ms, duration_ms, outcome, status, response,
        before, endpoint, disable)
    ), owned AS MATERIALIZED (
      SELECT shards.shard, shards.epoch FROM hooks.shards JOIN hooks.workers ON workers.id = shards.owner
      WHERE shards.shard IN (SELECT shard FROM given)
      FOR KEY SHARE OF workers
    ), settled AS MATERIALIZED (
      SELECT given.* FROM given JOIN owned USING (shard, epoch)
    ), gone AS (
      DELETE FROM hooks.pending USING settled
      WHERE pending.id = settled.id AND settled.state <> 'scheduled'
        AND (settled.state = 'delivered' OR pending.attempts_before_schedule = settled.before)
      RETURNING pending.*
    ), finished AS (
      INSERT INTO hooks.finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms,
        reason, rendition, last_started_ms, last_duration_ms, last_outcome, last_status, last_response)
      SELECT gone.id, gone.event, gone.event_type, gone.endpoint, gone.subscriber, settled.state, settled.number,
        gone.created_ms, $1::bigint, settled.reason, gone.rendition, settled.started_ms, settled.duration_ms,
        settled.outcome, settled.status, settled.response
      FROM gone JOIN settled USING (id)
    ), moved AS (
      UPDATE hooks.pending SET
        due_ms = CASE WHEN pending.attempts_before_schedule = settled.before THEN settled.due_ms ELSE $1::bigint END,
        attempts_before_schedule = CASE WHEN pending.attempts_before_schedule = settled.before
          THEN pending.attempts_before_schedule ELSE settled.number END,
        attempts = settled.number
      FROM settled
      WHERE pending.id = settled.id AND settled.state <> 'delivered'
        AND (settled.state = 'scheduled' OR pending.attempts_before_schedule <> settled.before)
      RETURNING pending.id
    ), recorded AS (
      INSERT INTO hooks.attempts (delivery, number, started_ms, duration_ms, outcome, status, response)
      SELECT id, number, started_ms, duration_ms, outcome, status, response FROM settled
      WHERE NOT EXISTS (SELECT FROM gone WHERE gone.id = settled.id)
      ON CONFLICT DO NOTHING
    ), disabled AS (
      UPDATE hooks.endpoints SET state = 'disabled', disabled_reason = wanted.disable, revision = revision + 1,
        updated_ms = $1::bigint
      FROM (SELECT DISTINCT ON (endpoint) endpoint, disable FROM settled WHERE disable IS NOT NULL) AS wanted
      WHERE endpoints.id = wanted.endpoint AND endpoints.state <> 'disabled'
    ), journalled AS (
      DELETE FROM hooks.journal WHERE batch = ANY ($2::bigint[])
    )
    SELECT settled.id, settled.number,
      (EXISTS (SELECT FROM gone WHERE gone.id = settled.id) OR EXISTS (SELECT FROM moved WHERE moved.id = settled.id))
        AS is_applied
    FROM settled`,
};

/** $1 ids, $2 numbers of attempts that were made of deliveries that had been cancelled meanwhile. */
const COUNT_LATE: Statement = {
  name: "count_late",
  text: `
    UPDATE hooks.finished SET attempts = greatest(finished.attempts, late.number)
    FROM unnest($1::text[], $2::integer[]) AS late (id, number) WHERE finished.id = late.id`,
};

/** Recording what attempts came to. */
export function createSettling({ query }: Pick<Database, "query">): Pick<Work, "settle"> {
  return {
    async settle(request) {
      const rows = await query(SETTLE, valuesOf(request));
      const late = rows.filter((row) => row["is_applied"] !== true);
      if (late.length > 0) {
        await query(COUNT_LATE, [texts(late.map(idOf)), numbers(late.map((row) => Number(row["number"])))]);
      }
      const settled = new Set(rows.map(idOf));
      return request.settlements.map(({ delivery }) => settled.has(delivery.id));
    },
  };
}

function idOf(row: Row): string {
  return String(row["id"]);
}

function valuesOf({ settlements, finishedBatches, nowMs }: SettleRequest) {
  const deliveries = settlements.map(({ delivery }) => delivery);
  const attempts = settlements.map(({ attempt }) => attempt);
  return [
    nowMs,
    numbers(finishedBatches),
    texts(deliveries.map(({ id }) => id)),
    numbers(deliveries.map(({ shard }) => shard)),
    numbers(deliveries.map(({ epoch }) => epoch)),
    texts(settlements.map(({ next }) => next.state)),
    texts(settlements.map(reasonOf)),
    numbers(settlements.map(({ next }) => (next.state === "scheduled" ? next.dueMs : nowMs))),
    numbers(attempts.map(({ number }) => number)),
    numbers(attempts.map(({ startedAtMs }) => startedAtMs)),
    numbers(attempts.map(({ durationMs }) => Math.round(durationMs))),
    texts(attempts.map(({ outcome }) => outcome)),
    numbers(attempts.map(({ status }) => status)),
    texts(attempts.map(({ response }) => response)),
    numbers(deliveries.map(({ attempts: made, scheduleStep }) => made - scheduleStep)),
    texts(deliveries.map(({ endpoint }) => endpoint)),
    texts(settlements.map(({ disableEndpoint }) => disableEndpoint)),
  ];
}

function reasonOf({ next }: Settlement): string | undefined {
  return next.state === "dead" ? next.reason : undefined;
}
