import { digest } from "../digest.ts";
import { canonicalJson, type JsonObject } from "../json.ts";
import { targetsOf } from "./definitions.ts";

/**
 * The meaning of each definition of a bundled schema: equal for two definitions, of whatever contracts, that say the
 * same and refer only to definitions that do, by the same names.
 */
export function meanings(definitions: JsonObject): ReadonlyMap<string, string> {
  const parts = new Map(
    Object.entries(definitions).map(([name, schema]) => [
      name,
      { digest: digest(canonicalJson(schema)), references: new Set(targetsOf(schema)) },
    ]),
  );
  return new Map(
    [...parts.keys()].map((name) => {
      const reached = new Set([name]);
      for (const next of reached) for (const other of parts.get(next)?.references ?? []) reached.add(other);
      const said = [...reached].toSorted().map((one) => `${one} ${parts.get(one)?.digest}`);
      return [name, digest([name, ...said].join("\n"))];
    }),
  );
}
