import type { DatabaseSync } from "node:sqlite";
import type { Replay } from "../../core/replay.ts";
import type { AnnounceReplay } from "../../store.ts";
import { createAnnounce } from "./announcing.ts";

export interface Ending {
  readonly nowMs: number;
  readonly announce: AnnounceReplay | undefined;
}

export type EndReplay = (replay: Replay, state: "finished" | "cancelled", ending: Ending) => Replay;

/** Ends a replay and tells of it, inside a transaction. */
export function createEnd(database: DatabaseSync): EndReplay {
  const tell = createAnnounce(database);
  const statements = {
    end: database.prepare("UPDATE replays SET state = ?, finished_ms = ? WHERE id = ?"),
    removeParts: database.prepare("DELETE FROM replay_parts WHERE replay = ?"),
  };
  return (replay, state, { nowMs, announce }) => {
    const ended = { ...replay, state, finishedAtMs: nowMs };
    statements.end.run(state, nowMs, replay.id);
    statements.removeParts.run(replay.id);
    const announcement = announce?.(ended);
    if (announcement !== undefined) tell(announcement, nowMs);
    return ended;
  };
}
