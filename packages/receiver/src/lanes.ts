import type { Destination } from "./destination.ts";
import type { Inbox } from "./inbox.ts";

/** What is delivered to; whoever opened it closes it. */
export type Target = Pick<Destination, "name" | "deliver">;

/** One source's way to one destination. */
export interface Lane {
  readonly name: string;
  readonly source: string;
  readonly destination: Target;
  /** All destinations of the source. */
  readonly routes: readonly string[];
}

/** The lanes of a source; what is owed to destinations that it no longer has is on lanes of their own, to be buried. */
export async function findLanes(
  inbox: Pick<Inbox, "owed">,
  source: string,
  destinations: readonly Destination[],
): Promise<readonly Lane[]> {
  const routes = destinations.map(({ name }) => name);
  const removed = (await inbox.owed(source)).filter((name) => !routes.includes(name)).map(createRemoved);
  return [...destinations, ...removed].map((destination): Lane => {
    return { name: `${source} ${destination.name}`, source, destination, routes };
  });
}

/** Stands for a destination that is no longer configured. */
function createRemoved(name: string): Target {
  return {
    name,
    deliver: async () => ({ kind: "rejected", reason: "destination_removed" }),
  };
}
