import type { ReceivedEvent } from "./handlers.ts";

/** An event that nobody handles; it counts as done. */
export interface UnhandledReport {
  readonly kind: "unhandled";
  readonly source: string;
  readonly eventId: string;
  readonly eventType: string;
  /** Set when the type has a handler and it is the version that is not known. */
  readonly version?: string;
}

/** Counts events that nobody handles. */
export interface Unhandled {
  readonly add: (event: ReceivedEvent, version?: string) => void;
  /** By type, or as `type@version`. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Types come from outside: a sender must not be able to grow the table without end. */
const mostTypes = 1_000;

export function createUnhandled(report: (report: UnhandledReport) => void): Unhandled {
  const counts = new Map<string, number>();
  return {
    counts,
    add: ({ source, id, type }, version) => {
      const counted = version === undefined ? type : `${type}@${version}`;
      const name = counts.has(counted) || counts.size < mostTypes ? counted : "(others)";
      counts.set(name, (counts.get(name) ?? 0) + 1);
      report({
        kind: "unhandled",
        source,
        eventId: id,
        eventType: type,
        ...(version === undefined ? {} : { version }),
      });
    },
  };
}
