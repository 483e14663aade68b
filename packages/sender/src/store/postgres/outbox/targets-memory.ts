import type { NewEvent } from "../../../store.ts";
import { nameOfAudience } from "../../audiences.ts";
import type { Target } from "../../rendering.ts";
import type { Session, Statement } from "../database.ts";
import { readTargets, type Targets } from "./targets.ts";

const VERSION: Statement = {
  name: "audience_version",
  text: "SELECT version::text AS version FROM hooks.audience",
};

/** With more targets than this, what is remembered is forgotten. An audience without any counts as one. */
const MOST = 100_000;

/**
 * Remembers who takes what, under the version that all subscriptions had then: to publish for an audience that is known
 * takes one round trip less. Whoever keeps events by it demands that version; where it has changed, all is to be forgotten.
 */
export interface TargetsMemory {
  targetsFor(query: Session["query"], events: readonly NewEvent[]): Promise<Targets>;
  forget(): void;
}

export function createTargetsMemory(most = MOST): TargetsMemory {
  let version: string | undefined;
  // Whoever publishes by one looks at it to the end; what comes after it is another.
  let audiences = new Map<string, readonly Target[]>();
  let count = 0;

  const begin = (anew: string | undefined): void => {
    version = anew;
    audiences = new Map();
    count = 0;
  };
  const recall = (events: readonly NewEvent[]): Targets | undefined => {
    const known = audiences;
    if (version === undefined || !events.every((event) => known.has(nameOfAudience(event)))) return undefined;
    return {
      version,
      // Nothing is remembered for somebody who is none.
      isSubscriber: () => true,
      targetsOf: (event) => known.get(nameOfAudience(event)) ?? [],
    };
  };
  const remember = (events: readonly NewEvent[], { isSubscriber, targetsOf }: Targets): void => {
    for (const event of events) {
      const { subscriber, endpoint } = event;
      const name = nameOfAudience(event);
      if (endpoint !== undefined || audiences.has(name)) continue;
      if (subscriber !== undefined && !isSubscriber(subscriber)) continue;
      const targets = targetsOf(event);
      count += Math.max(1, targets.length);
      if (count > most) return begin(undefined);
      audiences.set(name, targets);
    }
  };
  return {
    async targetsFor(query, events) {
      const known = recall(events);
      if (known !== undefined) return known;
      // The version first: what has changed since is noticed.
      const [[row], targets] = await Promise.all([query(VERSION, []), readTargets(query, events)]);
      // Written as text by the statement.
      const read = row?.["version"] as string | undefined;
      if (read !== version) begin(read);
      remember(events, targets);
      return targets;
    },
    forget: () => begin(undefined),
  };
}
