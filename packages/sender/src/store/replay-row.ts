import type { Replay, ReplayFilter } from "../core/replay.ts";
import type { KeptReplay } from "./replaying.ts";
import type { StoredRow } from "./rows.ts";

export function toReplay(row: StoredRow): Replay {
  return {
    id: String(row["id"]),
    // Written by the store.
    filter: JSON.parse(String(row["filter"])) as ReplayFilter,
    state: String(row["state"]) as Replay["state"],
    selected: Number(row["selected"]),
    isCounted: Number(row["is_counted"]) === 1,
    replayed: Number(row["replayed"]),
    skipped: Number(row["skipped"]),
    createdAtMs: Number(row["created_ms"]),
    ...(row["per_second"] === null ? {} : { perSecond: Number(row["per_second"]) }),
    ...(row["finished_ms"] === null ? {} : { finishedAtMs: Number(row["finished_ms"]) }),
  };
}

export function toKeptReplay(row: StoredRow): KeptReplay {
  const replay = toReplay(row);
  return {
    replay,
    pace: { perSecond: replay.perSecond, spentUntilMs: Number(row["spent_until_ms"]) },
  };
}
