import type { Due } from "../inbox.ts";
import type { Statements } from "./sqlite-statements.ts";

/** What this process has accepted, it knows without a look. */
const everyMs = 100;
/** So many lanes are looked at in a row; the others the next time. */
const maxLanes = 1_000;

/** Looks for what is due, from lane to lane, never over the deliveries of one: lanes without any cost nothing. */
export function createLook({ nextLane }: Pick<Statements, "nextLane">): (nowMs: number) => readonly Due[] {
  let lookedMs = -Infinity;
  let [source, destination] = ["", ""];
  return (nowMs) => {
    if (performance.now() - lookedMs < everyMs) return [];
    lookedMs = performance.now();
    const found: Due[] = [];
    for (let looked = 0; looked < maxLanes; looked += 1) {
      const lane = nextLane.get(source, destination);
      [source, destination] = [String(lane?.["source"] ?? ""), String(lane?.["destination"] ?? "")];
      if (lane === undefined) break;
      if (Number(lane["due_at"]) <= nowMs)
        found.push(destination === "" ? { source } : { source, destination });
    }
    return found;
  };
}
