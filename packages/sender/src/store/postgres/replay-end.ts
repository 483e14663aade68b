import type { Replay } from "../../core/replay.ts";
import type { AnnounceReplay } from "../../store.ts";
import { announceStep } from "./announcing.ts";
import type { Session, Statement } from "./database.ts";

const STATEMENTS = {
  end: {
    name: "end_replay",
    text: "UPDATE hooks.replays SET state = $2, finished_ms = $3::bigint WHERE id = $1",
  },
  removeParts: { name: "remove_parts", text: "DELETE FROM hooks.replay_parts WHERE replay = $1" },
} as const satisfies Record<string, Statement>;

export interface Ending {
  readonly state: "finished" | "cancelled";
  readonly nowMs: number;
  readonly announce: AnnounceReplay | undefined;
}

/** Ends a replay and tells of it, inside a transaction. */
export async function endReplay(
  query: Session["query"],
  replay: Replay,
  { state, nowMs, announce }: Ending,
): Promise<Replay> {
  const ended = { ...replay, state, finishedAtMs: nowMs };
  await query(STATEMENTS.end, [replay.id, state, nowMs]);
  await query(STATEMENTS.removeParts, [replay.id]);
  const announcement = announce?.(ended);
  if (announcement !== undefined) {
    const { statement, values } = announceStep([announcement], nowMs);
    await query(statement, values);
  }
  return ended;
}
