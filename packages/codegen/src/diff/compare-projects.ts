import type { Project } from "../project.ts";
import { compareContracts, summary } from "./compare.ts";
import type { Change, Comparison } from "./comparison.ts";

/** A change of one of several event types. */
export interface ProjectChange extends Change {
  readonly type: string;
}

/** What a newer folder of schemas means for those who know the older one. */
export interface ProjectComparison extends Comparison {
  readonly changes: readonly ProjectChange[];
}

/** Compares two folders of schemas, event type by event type: the newest of each, and which came and went. */
export function compareProjects(older: Project, newer: Project): ProjectComparison {
  const all = [...older.contracts, ...newer.contracts];
  const types = [...new Set(all.map(({ type }) => type))].toSorted();
  const changes = types.flatMap((type): readonly ProjectChange[] => {
    const [before, after] = [older, newer].map(
      ({ contracts }) => contracts.find((one) => one.type === type)?.majors[0],
    );
    if (before === undefined) return [added(type)];
    if (after === undefined) return [removed(type)];
    return compareContracts(before.schema, after.schema).changes.map((change) => ({ type, ...change }));
  });
  return summary(changes);
}

function added(type: string): ProjectChange {
  return {
    type,
    rule: "EVENT_ADDED",
    pointer: "",
    subscriber: "ok",
    replay: "ok",
    bump: "minor",
    message: "A new event type, which nobody subscribes to yet.",
    action: "Subscribe to it to receive it.",
    proof: "none",
  };
}

function removed(type: string): ProjectChange {
  return {
    type,
    rule: "EVENT_REMOVED",
    pointer: "",
    subscriber: "breaking",
    replay: "breaking",
    bump: "major",
    message: "The event type is gone: its subscribers wait in vain, and what was sent cannot be read.",
    action: "Stop expecting it, and keep the version before to read what was sent.",
    proof: "unproven",
  };
}
