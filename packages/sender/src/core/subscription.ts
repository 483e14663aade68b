/** What an endpoint may subscribe to that takes an event of this type: the type, its resource, or everything. */
export function patternsOf(eventType: string): readonly string[] {
  const resource = eventType.slice(0, eventType.lastIndexOf("."));
  return [eventType, `${resource}.*`, "*"];
}

/** Whether a text is a type such as `invoice.paid` or a pattern such as `invoice.*`. */
export function isPattern(text: string): boolean {
  return /^[a-z0-9_]+(\.[a-z0-9_]+)*\.([a-z0-9_]+|\*)$/.test(text) && text.length <= 128;
}

/** Whether an endpoint with these patterns, none meaning all, takes a type. */
export function takes(patterns: readonly string[], eventType: string): boolean {
  return patterns.length === 0 || patternsOf(eventType).some((pattern) => patterns.includes(pattern));
}
