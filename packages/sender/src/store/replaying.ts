import { isSelected, type Candidate, type Pace, type Replay, type ReplayFilter } from "../core/replay.ts";
import { createdWithin } from "./created-within.ts";

/** A replay as it is kept. */
export interface KeptReplay {
  readonly replay: Replay;
  readonly pace: Pace;
}

/** A delivery that came to its end, as a replay looks at it. */
export interface Looked extends Candidate {
  readonly id: string;
}

export interface Chosen<T extends Looked> {
  readonly deliveries: readonly T[];
  /** The last that was dealt with: the next step begins after it. */
  readonly afterId: string | undefined;
}

/** The first that are selected, up to `most`, and how far that is. */
export function choose<T extends Looked>(
  looked: readonly T[],
  { filter, most }: { readonly filter: ReplayFilter; readonly most: number },
): Chosen<T> {
  const deliveries: T[] = [];
  let afterId: string | undefined;
  for (const one of looked) {
    const isWanted = isSelected(filter, one);
    if (isWanted && deliveries.length >= most) break;
    if (isWanted) deliveries.push(one);
    afterId = one.id;
  }
  return { deliveries, afterId };
}

/** Between which ids to look, and whether only among what was not delivered. */
export function rangeOf({ fromMs, toMs, states }: ReplayFilter) {
  const { firstId, lastId } = createdWithin({ fromMs, toMs });
  return { firstId, lastId, isUnsent: !states.includes("delivered") };
}
