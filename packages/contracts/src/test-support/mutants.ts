/** A place in a value: its keys, outermost first. */
export type Path = readonly (string | number)[];

/** A copy of a valid value with one thing wrong, and where. */
export interface Mutant {
  readonly path: Path;
  readonly data: unknown;
}

/** Every place in a value, its root left out. */
function placesIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    return [place, ...placesIn(inner, place)];
  });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}

/** A copy in which `change` has worked on the parent of a place. */
function changed(
  data: unknown,
  path: Path,
  change: (parent: Record<string | number, unknown>) => void,
): Mutant {
  const copy = structuredClone(data);
  change(valueAt(copy, path.slice(0, -1)) as Record<string | number, unknown>);
  return { path, data: copy };
}

/** Each place once with a value of a kind that no contract allows there. */
export function wrongKinds(data: unknown): readonly Mutant[] {
  return placesIn(data).map((path) => {
    const wrong = typeof valueAt(data, path) === "boolean" ? "no" : false;
    return changed(data, path, (parent) => (parent[last(path)] = wrong));
  });
}

/** Each object once with a member more. */
export function strangers(data: unknown): readonly Mutant[] {
  const objects = placesIn(data).filter((path) => {
    const value = valueAt(data, path);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  });
  return objects.map((path) => {
    const inside = [...path, "Stranger~/x"];
    return changed(data, inside, (parent) => (parent["Stranger~/x"] = 5));
  });
}

/** Each member once left out. */
export function leftOut(data: unknown): readonly Mutant[] {
  const members = placesIn(data).filter((path) => typeof path.at(-1) === "string");
  return members.map((path) => changed(data, path, (parent) => delete parent[last(path)]));
}

/** The JSON Pointer of a place. */
export function pointerOf(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function last(path: Path): string | number {
  return path.at(-1) ?? "";
}
