/** Whether no two items are equal, as JSON values are: the order of members does not count. In linear time. */
export function isUnique(items: readonly unknown[]): boolean {
  return new Set(items.map(contentOf)).size === items.length;
}

/** The same for equal values; a scalar is its own. */
function contentOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "string" ? `"${value}` : value;
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner) ? sorted(inner) : inner,
  );
}

function sorted(members: object): object {
  return Object.fromEntries(Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
