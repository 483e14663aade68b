import type { Json, JsonObject } from "../../json.ts";
import { elementAt } from "../elements.ts";
import { shapeOf } from "../normalise.ts";
import type { Shape } from "../shape.ts";
import type { Conjunction } from "../source.ts";
import { Generator } from "./generate.ts";
import { scalars } from "./scalars.ts";

/** Values at the edges of what a writer may send for a schema: each listed one, null, the longest, the shortest. */
export function edgesOf(root: JsonObject, sources: Conjunction): readonly Json[] {
  const shape = shapeOf(root, sources);
  return [
    ...[...(shape.written?.values() ?? [])].slice(0, 30),
    ...(shape.nullable ? [null] : []),
    ...(shape.kinds.has("array") ? lists(root, shape) : []),
    ...(shape.kinds.has("object") ? [{}, ...crowds(shape)] : []),
    ...scalars(shape),
  ];
}

/** Lists of every length of interest, of equal elements and of different ones. */
function lists(root: JsonObject, shape: Shape): readonly Json[] {
  const sources = elementAt(shape, 0);
  const element = new Generator(root, {}).valueOf(sources) ?? null;
  const different = scalars(shapeOf(root, sources));
  const { bounds } = shape;
  const ends = [bounds.get("items.min")?.value ?? 0, bounds.get("items.max")?.value ?? 2];
  const counts = new Set([...ends, ...ends.map((end) => end + 1), ...ends.map((end) => end - 1), 2]);
  return [...counts]
    .filter((count) => count >= 0 && count <= 1_000)
    .flatMap((count) => [Array.from({ length: count }, () => element), different.slice(0, count)]);
}

/** Objects with as many members as are allowed. */
function crowds({ bounds }: Shape): readonly Json[] {
  const ends = [bounds.get("members.min")?.value, bounds.get("members.max")?.value];
  return ends.flatMap((count) =>
    count === undefined || count > 1_000
      ? []
      : [Object.fromEntries(Array.from({ length: count }, (_, index) => [`key_${index + 1}`, "a"]))],
  );
}
