import type { DatabaseSync } from "node:sqlite";
import type { Delivery, Endpoint } from "../../core/model.ts";
import { allowanceOf, BUSY_MS, MOST_DUE, roomFor, spend, waitMsOf } from "../../core/replay.ts";
import { shardOf } from "../../core/sharding.ts";
import type { ReplayProgress, ReplayStep } from "../../store.ts";
import { choose, type KeptReplay } from "../replaying.ts";
import { openToServe, readable, type Seals } from "../seals.ts";
import { createLook } from "./replay-look.ts";
import { toKeptReplay } from "../replay-row.ts";
import type { EndReplay } from "./replay-end.ts";
import { createReviving } from "./reviving.ts";
import { toEvent } from "../rows.ts";
import { type Row } from "./rows.ts";

const STOPPED: ReplayProgress = { endpoints: [] };

/** One step of a replay, inside a transaction. */
export function createAdvance(
  database: DatabaseSync,
  seals: Seals,
  end: EndReplay,
): (step: ReplayStep) => ReplayProgress {
  const statements = prepare(database);
  const stepOf = createPartStep(database, seals);
  return (step) => {
    const { id, nowMs, announce } = step;
    const row = statements.get.get(id);
    const kept = row === undefined ? undefined : toKeptReplay(row);
    if (kept?.replay.state !== "running") return STOPPED;
    const part = statements.nextPart.get(id);
    if (part === undefined) {
      end(kept.replay, "finished", { nowMs, announce });
      return STOPPED;
    }
    const wakeMs = Number(part["wake_ms"]);
    // One that is further away was written before the clock was set back.
    if (wakeMs > nowMs && wakeMs <= nowMs + BUSY_MS) return { endpoints: [], nextMs: wakeMs };
    const allowed = allowanceOf(kept.pace, nowMs);
    if (allowed < 1) return { endpoints: [], nextMs: nowMs + waitMsOf(kept.pace, nowMs) };
    const replayed = stepOf(part, { ...step, kept, allowed });
    return { endpoints: replayed > 0 ? [String(part["endpoint"])] : [], nextMs: nowMs };
  };
}

interface PartStep extends ReplayStep {
  readonly kept: KeptReplay;
  readonly allowed: number;
}

/** Goes on with one endpoint, and says how many of its deliveries are due again. */
function createPartStep(database: DatabaseSync, seals: Seals): (part: Row, step: PartStep) => number {
  const statements = prepare(database);
  const look = createLook(database);
  const revive = createReviving(database, seals);

  const endpointOf = (id: string): Endpoint | undefined => {
    const row = statements.endpoint.get(id);
    return row === undefined ? undefined : openToServe(id, String(row["document"]), seals);
  };
  const reviveOne = (delivery: Delivery, endpoint: Endpoint, { render, nowMs }: PartStep): boolean => {
    if (delivery.version !== undefined) {
      revive({ delivery, rendered: undefined, nowMs });
      return true;
    }
    const row = statements.event.get(delivery.event);
    const event = row === undefined ? undefined : readable(() => toEvent(row, seals));
    const rendered = event === undefined ? undefined : render(event, endpoint);
    if (rendered !== undefined) revive({ delivery, rendered, nowMs });
    return rendered !== undefined;
  };

  return (part, step) => {
    const { nowMs, limit, kept, allowed } = step;
    const { id, filter } = kept.replay;
    const [name, afterId] = [String(part["endpoint"]), String(part["after_id"])];
    const endpoint = endpointOf(name);
    if (endpoint === undefined) {
      statements.removePart.run(id, name);
      return 0;
    }
    const due = Number(statements.countDue.get(shardOf(name), name, nowMs)?.["count"]);
    const room = roomFor(endpoint, due);
    if (room === 0) {
      statements.movePart.run(afterId, nowMs + BUSY_MS, id, name);
      return 0;
    }
    const looked = look({ filter, endpoint: name, afterId, limit });
    const chosen = choose(looked, { filter, most: Math.min(room, allowed) });
    const replayed = chosen.deliveries.filter((delivery) => reviveOne(delivery, endpoint, step)).length;
    const isAtEnd = looked.length < limit && chosen.afterId === looked.at(-1)?.id;
    if (isAtEnd) statements.removePart.run(id, name);
    else statements.movePart.run(chosen.afterId ?? afterId, nowMs, id, name);
    const spentUntilMs = spend(kept.pace, replayed, nowMs);
    statements.progress.run(replayed, chosen.deliveries.length - replayed, spentUntilMs, id);
    return replayed;
  };
}

function prepare(database: DatabaseSync) {
  return {
    get: database.prepare("SELECT * FROM replays WHERE id = ?"),
    nextPart: database.prepare("SELECT * FROM replay_parts WHERE replay = ? ORDER BY wake_ms LIMIT 1"),
    endpoint: database.prepare("SELECT document FROM endpoints WHERE id = ?"),
    event: database.prepare("SELECT * FROM events WHERE id = ?"),
    countDue: database.prepare(
      `SELECT count(*) AS count FROM (
         SELECT 1 FROM pending WHERE shard = ? AND endpoint = ? AND due_ms <= ? LIMIT ${MOST_DUE})`,
    ),
    removePart: database.prepare("DELETE FROM replay_parts WHERE replay = ? AND endpoint = ?"),
    movePart: database.prepare(
      "UPDATE replay_parts SET after_id = ?, wake_ms = ? WHERE replay = ? AND endpoint = ?",
    ),
    progress: database.prepare(
      "UPDATE replays SET replayed = replayed + ?, skipped = skipped + ?, spent_until_ms = ? WHERE id = ?",
    ),
  };
}
