import { firstIdAt } from "../ids.ts";

export interface Period {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** A clock that is set back makes ids of a later time: as long as it takes to get there again. */
const SET_BACK_MS = 24 * 60 * 60 * 1_000;

/**
 * Between which ids (the first included, the last not) the deliveries stand that were made from `fromMs` on and before
 * `toMs`. Others stand there too.
 */
export function createdWithin({ fromMs, toMs }: Period): {
  readonly firstId: string;
  readonly lastId: string;
} {
  return {
    firstId: firstIdAt("dlv", fromMs ?? 0),
    lastId: toMs === undefined ? "dlv_~" : firstIdAt("dlv", toMs + SET_BACK_MS),
  };
}
