import type { Provider } from "./provider.ts";
import { type ProviderId, providers } from "./rows.ts";

/**
 * The row of an id, or of one of its aliases; `_` counts as `-`.
 *
 * @throws TypeError that names the nearest ids.
 */
export function findProvider(id: string): Provider {
  const wanted = String(id).toLowerCase().replaceAll("_", "-");
  if (Object.hasOwn(providers, wanted)) return providers[wanted as ProviderId];
  const rows: readonly Provider[] = Object.values(providers);
  const row = rows.find(({ aliases = [] }) => aliases.includes(wanted));
  if (row !== undefined) return row;
  const names = rows.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
  const nearest = names
    .map((name) => ({ name, distance: distanceOf(wanted.slice(0, 64), name) }))
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name);
  throw new TypeError(`Unknown provider. Nearest: ${nearest.join(", ")}.`);
}

/** The row of a provider that is named, or given as such. @throws TypeError for what is neither. */
export function rowOf(provider: string | Provider): Provider {
  if (typeof provider === "string") return findProvider(provider);
  // In JavaScript it may be anything.
  if (Object.hasOwn(Object(provider), "kind")) return provider;
  throw new TypeError(`Expected the name or the row of a provider, received ${typeof provider}.`);
}

/** How many letters to put in, take out or change; a part at the beginning counts as near. */
function distanceOf(one: string, other: string): number {
  if (one !== "" && other.startsWith(one)) return 0;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (let index = 0; index < other.length; index++) {
      const changed = (row[index] ?? 0) + (letter === other[index] ? 0 : 1);
      next.push(Math.min(changed, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
