/** The hops of a contract event, in the order in which they begin. */
export const hops = ["published", "delivered", "accepted", "forwarded", "handled"] as const;

export type Hop = (typeof hops)[number];

/** The way of one contract event from the publisher to the consumer. */
export interface Journey {
  readonly id: string;
  readonly type: string;
  /** Milliseconds from the call that published it to each hop. */
  readonly atMs: Readonly<Record<Hop, number>>;
  /** What the consumer did. */
  readonly note: string;
}

export interface Journeys {
  /** An event is about to be published. */
  begin(id: string, type: string): void;
  /** It has come to a hop. `atMs` is milliseconds since 1970. Events nobody began are passed over. */
  reach(id: string, hop: Hop, atMs: number): void;
  /** The consumer is done with it; says whether it was begun here and was not handled before. */
  handled(id: string, note: string): boolean;
  /** How many were whole until now. */
  completed(): number;
}

interface Open {
  readonly type: string;
  readonly beganMs: number;
  readonly atMs: Map<Hop, number>;
  note: string;
}

/** Puts journeys together from what publisher, sender, gateway and consumer say, and tells each when it is whole. */
export function createJourneys(onWhole: (journey: Journey) => void, clock: () => number): Journeys {
  const open = new Map<string, Open>();
  let completed = 0;
  const reach = (id: string, hop: Hop, atMs: number) => {
    const journey = open.get(id);
    if (journey === undefined) return;
    journey.atMs.set(hop, Math.max(0, Math.round(atMs - journey.beganMs)));
    if (!isWhole(journey)) return;
    open.delete(id);
    completed += 1;
    onWhole({ id, type: journey.type, atMs: tighten(journey.atMs), note: journey.note });
  };
  return {
    begin: (id, type) => {
      open.set(id, { type, beganMs: clock(), atMs: new Map(), note: "" });
    },
    reach,
    handled: (id, note) => {
      const journey = open.get(id);
      if (journey === undefined || journey.atMs.has("handled")) return false;
      journey.note = note;
      reach(id, "handled", clock());
      return true;
    },
    completed: () => completed,
  };
}

/** What tells of a hop is written a little after it, and no hop is later than the one that follows from it. */
function tighten(atMs: ReadonlyMap<Hop, number>): Record<Hop, number> {
  let limitMs = Number.POSITIVE_INFINITY;
  const times = hops.toReversed().map((hop) => {
    limitMs = Math.min(limitMs, atMs.get(hop) ?? limitMs);
    return [hop, limitMs] as const;
  });
  // Every hop is in the list.
  return Object.fromEntries(times.toReversed()) as Record<Hop, number>;
}

function isWhole({ atMs }: Open): boolean {
  return hops.every((hop) => atMs.has(hop));
}
