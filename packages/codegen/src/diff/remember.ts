/** What was made for an object and a key. */
export type Memory<K, T> = WeakMap<object, Map<K, T>>;

/**
 * Makes something for an object and a key once. Asked for again it is the same object again, so what is derived from
 * it is known as well.
 */
export function remember<K, T>(memory: Memory<K, T>, [owner, key]: readonly [object, K], make: () => T): T {
  const known = memory.get(owner) ?? new Map<K, T>();
  memory.set(owner, known);
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}
