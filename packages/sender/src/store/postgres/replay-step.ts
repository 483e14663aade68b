import type { Endpoint } from "../../core/model.ts";
import { allowanceOf, BUSY_MS, MOST_DUE, roomFor, spend, waitMsOf } from "../../core/replay.ts";
import type { ReplayProgress, ReplayStep } from "../../store.ts";
import { choose, type KeptReplay } from "../replaying.ts";
import type { Row, Session, Statement } from "./database.ts";
import { readable } from "../seals.ts";
import type { KeyGuard } from "./keys.ts";
import { endReplay } from "./replay-end.ts";
import { lookAt } from "./replay-look.ts";
import { toKeptReplay } from "../replay-row.ts";
import { keepRendition, revive, type Revival } from "./reviving.ts";
import { toEvent } from "../rows.ts";
import { ENDPOINT_COLUMNS, toEndpointToServe } from "./rows.ts";

const STATEMENTS = {
  /** Of two who go on with it, one waits for the other. */
  lock: { name: "lock_replay", text: "SELECT * FROM hooks.replays WHERE id = $1 FOR UPDATE" },
  nextPart: {
    name: "next_part",
    text: "SELECT * FROM hooks.replay_parts WHERE replay = $1 ORDER BY wake_ms LIMIT 1",
  },
  /** $1 endpoint, $2 now */
  endpoint: {
    name: "endpoint_of_part",
    text: `
      SELECT ${ENDPOINT_COLUMNS}, endpoints.id AS endpoint, (
        SELECT count(*) FROM (
          SELECT FROM hooks.pending
          WHERE pending.shard = endpoints.shard AND pending.endpoint = endpoints.id AND pending.due_ms <= $2::bigint
          LIMIT ${MOST_DUE}
        ) AS due
      ) AS due
      FROM hooks.endpoints WHERE id = $1`,
  },
  event: { name: "event_of_part", text: "SELECT * FROM hooks.events WHERE id = $1" },
  removePart: {
    name: "remove_part",
    text: "DELETE FROM hooks.replay_parts WHERE replay = $1 AND endpoint = $2",
  },
  movePart: {
    name: "move_part",
    text: `
      UPDATE hooks.replay_parts SET after_id = $3, wake_ms = $4::bigint WHERE replay = $1 AND endpoint = $2`,
  },
  progress: {
    name: "progress_replay",
    text: `
      UPDATE hooks.replays SET replayed = replayed + $2::bigint, skipped = skipped + $3::bigint,
        spent_until_ms = $4::double precision
      WHERE id = $1`,
  },
} as const satisfies Record<string, Statement>;

const STOPPED: ReplayProgress = { endpoints: [] };

/** One step of a replay, inside a transaction. */
export async function advance(
  { query }: Pick<Session, "query">,
  keys: KeyGuard,
  step: ReplayStep,
): Promise<ReplayProgress> {
  const { id, nowMs, announce } = step;
  const [row] = await query(STATEMENTS.lock, [id]);
  const kept = row === undefined ? undefined : toKeptReplay(row);
  if (kept?.replay.state !== "running") return STOPPED;
  const [part] = await query(STATEMENTS.nextPart, [id]);
  if (part === undefined) {
    await endReplay(query, kept.replay, { state: "finished", nowMs, announce });
    return STOPPED;
  }
  const wakeMs = Number(part["wake_ms"]);
  // One that is further away was written by another clock, or before it was set back.
  if (wakeMs > nowMs && wakeMs <= nowMs + BUSY_MS) return { endpoints: [], nextMs: wakeMs };
  const allowed = allowanceOf(kept.pace, nowMs);
  if (allowed < 1) return { endpoints: [], nextMs: nowMs + waitMsOf(kept.pace, nowMs) };
  const replayed = await stepOf(query, part, { ...step, kept, allowed, keys });
  return { endpoints: replayed > 0 ? [String(part["endpoint"])] : [], nextMs: nowMs };
}

interface PartStep extends ReplayStep {
  readonly kept: KeptReplay;
  readonly allowed: number;
  readonly keys: KeyGuard;
}

/** Goes on with one endpoint, and says how many of its deliveries are due again. */
async function stepOf(query: Session["query"], part: Row, step: PartStep): Promise<number> {
  const { nowMs, limit, kept, allowed } = step;
  const { id, filter } = kept.replay;
  const [name, afterId] = [String(part["endpoint"]), String(part["after_id"])];
  const [row] = await query(STATEMENTS.endpoint, [name, nowMs]);
  if (row === undefined) {
    await query(STATEMENTS.removePart, [id, name]);
    return 0;
  }
  const endpoint = toEndpointToServe(row, step.keys.seals);
  const room = roomFor(endpoint, Number(row["due"]));
  if (room === 0) {
    await query(STATEMENTS.movePart, [id, name, afterId, nowMs + BUSY_MS]);
    return 0;
  }
  const looked = await lookAt(query, { filter, endpoint: name, afterId, limit });
  const chosen = choose(looked, { filter, most: Math.min(room, allowed) });
  const revivals: Revival[] = [];
  for (const one of chosen.deliveries) {
    const rendition =
      one.version === undefined ? await renderNow(query, one.event, { endpoint, step }) : one.rendition;
    if (rendition !== undefined)
      revivals.push({ id: one.id, endpoint: name, finishedMs: one.finishedAtMs ?? 0, rendition });
  }
  const replayed = await revive(query, revivals, nowMs);
  const isAtEnd = looked.length < limit && chosen.afterId === looked.at(-1)?.id;
  if (isAtEnd) await query(STATEMENTS.removePart, [id, name]);
  else await query(STATEMENTS.movePart, [id, name, chosen.afterId ?? afterId, nowMs]);
  const skipped = chosen.deliveries.length - revivals.length;
  await query(STATEMENTS.progress, [id, replayed, skipped, spend(kept.pace, replayed, nowMs)]);
  return replayed;
}

interface RenderOptions {
  readonly endpoint: Endpoint;
  readonly step: Pick<PartStep, "render" | "keys">;
}

/** What the row of a delivery says that could not be rendered before; undefined where it cannot be now either. */
async function renderNow(
  query: Session["query"],
  event: string,
  { endpoint, step: { render, keys } }: RenderOptions,
): Promise<string | null | undefined> {
  const [row] = await query(STATEMENTS.event, [event]);
  const kept = row === undefined ? undefined : readable(() => toEvent(row, keys.seals));
  const rendered = kept === undefined ? undefined : render(kept, endpoint);
  return rendered === undefined ? undefined : keepRendition(query, keys, { event, rendered });
}
