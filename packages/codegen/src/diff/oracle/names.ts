import { wordsWhere } from "../../pattern/words.ts";
import { patternsOf } from "../members.ts";
import { remember, type Memory } from "../remember.ts";
import type { Shape } from "../shape.ts";

/** So many patterns are combined with each other. */
const maxPatterns = 6;

/** Names for members that are not described by name: of each pattern alone, of two at once, of one but not the other. */
export function* unnamed(...shapes: readonly Shape[]): Iterable<string> {
  const patterns = [...new Set(shapes.flatMap((shape) => [...patternsOf(shape).keys()]))];
  const some = patterns.slice(0, maxPatterns);
  yield* nameWhere([], some);
  for (const one of patterns) yield* nameWhere([one], []);
  for (const one of some)
    for (const other of some)
      if (one !== other) {
        if (one < other) yield* nameWhere([one, other], []);
        yield* nameWhere([one], [other]);
      }
}

const shortest: Memory<"name", readonly string[]> = new WeakMap();

function nameWhere(all: readonly string[], none: readonly string[]): readonly string[] {
  if (all.length === 0 && none.length === 0) return ["key_1"];
  const words = wordsWhere({ all, none });
  if (words === undefined || words.isEmpty) return [];
  return remember(shortest, [words, "name"], () => {
    const name = words.between(1, 400, "least");
    return name === undefined ? [] : [name];
  });
}
