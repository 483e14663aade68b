import type { Settlement } from "../inbox.ts";

/** The sources of which the next event of a subject may be claimable after these settlements. */
export function advancedBy(settlements: readonly Settlement[]): readonly string[] {
  return settlements.flatMap(({ kind, claim: { source, subject } }) =>
    kind === "retry" || subject === undefined ? [] : [source],
  );
}
