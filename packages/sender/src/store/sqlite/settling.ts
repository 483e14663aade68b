import type { DatabaseSync } from "node:sqlite";
import type { Endpoint } from "../../core/model.ts";
import type { Settlement, SettleRequest, TakenDelivery, Work } from "../../store.ts";
import type { Write } from "./commit-queue.ts";
import { createHistory } from "./history.ts";
import { createJournal } from "./journal.ts";
import { toEndpoint } from "./rows.ts";

/** Recording what attempts came to. */
export function createSettling(database: DatabaseSync, write: Write): Pick<Work, "settle"> {
  const journal = createJournal(database);
  const history = createHistory(database);
  const statements = {
    epoch: database.prepare("SELECT epoch FROM shards WHERE shard = ?"),
    reschedule: database.prepare("UPDATE pending SET due_ms = ?, attempts = ? WHERE id = ?"),
    countLate: database.prepare("UPDATE finished SET attempts = max(attempts, ?) WHERE id = ?"),
    findEndpoint: database.prepare("SELECT document FROM endpoints WHERE id = ? AND state <> 'disabled'"),
    saveEndpoint: database.prepare("UPDATE endpoints SET state = ?, revision = ?, document = ? WHERE id = ?"),
  };

  const disable = (id: string, reason: string, nowMs: number): void => {
    const row = statements.findEndpoint.get(id);
    if (row === undefined) return;
    const before = toEndpoint(row);
    const after: Endpoint = {
      ...before,
      state: "disabled",
      disabledReason: reason,
      revision: before.revision + 1,
      updatedAtMs: nowMs,
    };
    statements.saveEndpoint.run(after.state, after.revision, JSON.stringify(after), id);
  };

  const apply = ({ delivery, attempt, next, disableEndpoint }: Settlement, nowMs: number): void => {
    const attempts = attempt.number;
    history.record(attempt);
    const isPending =
      next.state === "scheduled"
        ? statements.reschedule.run(next.dueMs, attempts, delivery.id).changes > 0
        : history.finish({ id: delivery.id, attempts, nowMs, ...next });
    // It was cancelled while in flight: the attempt was made all the same.
    if (!isPending) statements.countLate.run(attempts, delivery.id);
    if (disableEndpoint !== undefined) disable(delivery.endpoint.id, disableEndpoint, nowMs);
  };

  const settle = ({ settlements, finishedBatches, nowMs }: SettleRequest): readonly boolean[] => {
    const epochs = new Map<number, number>();
    const isCurrent = ({ shard, epoch }: TakenDelivery): boolean => {
      const current = epochs.get(shard) ?? Number(statements.epoch.get(shard)?.["epoch"]);
      epochs.set(shard, current);
      return current === epoch;
    };
    const settled = settlements.map((settlement) => {
      if (!isCurrent(settlement.delivery)) return false;
      apply(settlement, nowMs);
      return true;
    });
    for (const batch of finishedBatches) journal.remove(batch);
    return settled;
  };

  return { settle: (request) => write(() => settle(request)) };
}
