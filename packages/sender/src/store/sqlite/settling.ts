import type { DatabaseSync } from "node:sqlite";
import type {
  SettlementAnnouncement,
  OwnedShard,
  Settlement,
  SettleRequest,
  TakenDelivery,
  Work,
} from "../../store.ts";
import { changeOpenly, withoutSecrets, type Seals } from "../seals.ts";
import { createAnnounce } from "./announcing.ts";
import type { Write } from "./commit-queue.ts";
import { createHealth } from "./health.ts";
import { createHistory } from "./history.ts";
import { createJournal } from "./journal.ts";
import { createOrder } from "./order.ts";
import { createPending } from "./pending.ts";

/** Recording what attempts came to, and what they say of endpoints. */
export function createSettling(
  database: DatabaseSync,
  write: Write,
  seals: Seals,
): Pick<Work, "settle" | "health"> {
  const known = createHealth(database);
  const journal = createJournal(database);
  const history = createHistory(database, seals);
  const apply = createApply(database, history);
  const announce = createAnnounce(database);
  const epochOf = database.prepare("SELECT epoch FROM shards WHERE shard = ?");

  const settle = ({ settlements, health, finishedBatches, nowMs }: SettleRequest): readonly boolean[] => {
    const epochs = new Map<number, number>();
    const isCurrent = ({ shard, epoch }: OwnedShard): boolean => {
      const current = epochs.get(shard) ?? Number(epochOf.get(shard)?.["epoch"]);
      epochs.set(shard, current);
      return current === epoch;
    };
    const settled = settlements.map((settlement) => {
      if (!isCurrent(settlement.delivery)) return false;
      const happened = apply(settlement, nowMs);
      for (const announcement of settlement.announcements ?? [])
        if (happened.has(announcement.on)) announce(announcement, nowMs);
      return true;
    });
    for (const change of health) if (isCurrent(change)) known.change(change);
    for (const batch of finishedBatches) journal.remove(batch);
    return settled;
  };

  return {
    settle: (request) => write(() => history.together(() => settle(request))),
    health: async (shards) => known.ofShards(shards),
  };
}

type Happened = ReadonlySet<SettlementAnnouncement["on"]>;

/** Applies one settlement, inside a transaction, and says what came of it. */
function createApply(
  database: DatabaseSync,
  history: ReturnType<typeof createHistory>,
): (settlement: Settlement, nowMs: number) => Happened {
  const disable = createDisable(database);
  const order = createOrder(database);
  const pending = createPending(database);
  const statements = prepare(database);

  /** Where the delivery stands now, if it is pending still: an operator may have moved or cancelled it meanwhile. */
  const removePending = ({ shard, endpoint, dueMs, id }: TakenDelivery): boolean =>
    statements.removeAt.run(shard, endpoint, dueMs, id).changes > 0 || statements.remove.run(id).changes > 0;

  const finish = ({ delivery, attempt, next }: Settlement, nowMs: number): boolean => {
    if (next.state === "scheduled") return false;
    const place = delivery.orderKey === undefined ? undefined : pending.find(delivery.id);
    if (!removePending(delivery)) return false;
    const { id, event, endpoint, subscriber, createdAtMs, rendition, orderKey } = delivery;
    const reason = next.state === "dead" ? next.reason : undefined;
    const { state } = next;
    const attempts = attempt.number;
    history.finish({
      id,
      event: event.id,
      eventType: event.type,
      endpoint,
      subscriber,
      createdAtMs,
      state,
      attempts,
      nowMs,
      reason,
      rendition,
      orderKey,
      position: place?.position,
      last: attempt,
    });
    order.advance(endpoint, orderKey, nowMs);
    return true;
  };

  const reschedule = ({ delivery, attempt, next }: Settlement): boolean => {
    if (next.state !== "scheduled") return false;
    if (statements.reschedule.run(next.dueMs, attempt.number, delivery.id).changes === 0) return false;
    history.record(attempt);
    return true;
  };

  /** Whether somebody asked for another try while this one was under way. */
  const isRetried = ({ delivery, next }: Settlement): boolean => {
    if (next.state === "delivered") return false;
    const before = statements.beforeSchedule.get(delivery.id)?.["attempts_before_schedule"];
    return before !== undefined && before !== delivery.attempts - delivery.scheduleStep;
  };

  return (settlement, nowMs) => {
    const { delivery, attempt, disableEndpoint } = settlement;
    const isAgain =
      isRetried(settlement) && statements.again.run(nowMs, attempt.number, delivery.id).changes > 0;
    if (isAgain) history.record(attempt);
    const isFinished = !isAgain && finish(settlement, nowMs);
    const isLate = !isAgain && !isFinished && !reschedule(settlement);
    // Settled again, it stands already as the last attempt of its delivery.
    if (isLate && statements.isLast.get(delivery.id, attempt.number) === undefined) {
      // It was cancelled while in flight: the attempt was made all the same.
      history.record(attempt);
      statements.countLate.run(attempt.number, delivery.id);
    }
    const isDisabled = disableEndpoint !== undefined && disable(delivery.endpoint, disableEndpoint, nowMs);
    const hasDied = isFinished && settlement.next.state === "dead";
    return new Set([
      "settled",
      ...(hasDied ? (["dead"] as const) : []),
      ...(isDisabled ? (["disabled"] as const) : []),
    ]);
  };
}

/** Disables an endpoint, inside a transaction. False when it was disabled already, or is gone. */
function createDisable(database: DatabaseSync): (id: string, reason: string, nowMs: number) => boolean {
  const statements = {
    findEndpoint: database.prepare("SELECT document FROM endpoints WHERE id = ? AND state <> 'disabled'"),
    saveEndpoint: database.prepare("UPDATE endpoints SET state = ?, revision = ?, document = ? WHERE id = ?"),
  };
  return (id, reason, nowMs) => {
    const row = statements.findEndpoint.get(id);
    if (row === undefined) return false;
    const document = String(row["document"]);
    const revision = withoutSecrets(document).revision + 1;
    const after = changeOpenly(document, {
      state: "disabled",
      disabledReason: reason,
      revision,
      updatedAtMs: nowMs,
    });
    statements.saveEndpoint.run("disabled", revision, after, id);
    return true;
  };
}

function prepare(database: DatabaseSync) {
  return {
    removeAt: database.prepare(
      "DELETE FROM pending WHERE shard = ? AND endpoint = ? AND due_ms = ? AND id = ?",
    ),
    remove: database.prepare("DELETE FROM pending WHERE id = ?"),
    beforeSchedule: database.prepare("SELECT attempts_before_schedule FROM pending WHERE id = ?"),
    again: database.prepare(
      "UPDATE pending SET due_ms = ?1, attempts = ?2, attempts_before_schedule = ?2 WHERE id = ?3",
    ),
    reschedule: database.prepare("UPDATE pending SET due_ms = ?, attempts = ? WHERE id = ?"),
    isLast: database.prepare(
      "SELECT 1 FROM finished WHERE id = ? AND attempts = ? AND last_outcome IS NOT NULL",
    ),
    countLate: database.prepare("UPDATE finished SET attempts = max(attempts, ?) WHERE id = ?"),
  };
}
