/**
 * In what order an endpoint gets events: in any; those of a subject one after another, or all of them so. The next is
 * sent when the one before has come to its end.
 */
export type Ordering = "none" | "subject" | "endpoint";

export const ORDERINGS: readonly Ordering[] = ["none", "subject", "endpoint"];

/** When a delivery is due that waits for another of its key. */
export const BEHIND_MS = Number.MAX_SAFE_INTEGER;

/** Deliveries of an endpoint with the same key go one after another; those without one go in any order. */
export function orderKeyOf(
  ordering: Ordering,
  { source, subject }: { readonly source: string; readonly subject?: string },
): string | undefined {
  switch (ordering) {
    case "none":
      return undefined;
    case "subject":
      // Neither name has control characters.
      return subject === undefined ? undefined : `${source}\n${subject}`;
    case "endpoint":
      return "\n";
  }
}
