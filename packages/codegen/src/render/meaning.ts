import { createHash } from "node:crypto";
import { canonicalJson, isObject, type Json, type JsonObject } from "../json.ts";

/** What every reference of a bundled schema begins with. */
export const referencePrefix = "#/$defs/";

/**
 * The meaning of each definition of a bundled schema: equal for two definitions, of whatever contracts, that say the
 * same and refer only to definitions that do, by the same names.
 */
export function meanings(definitions: JsonObject): ReadonlyMap<string, string> {
  const parts = new Map(
    Object.entries(definitions).map(([name, schema]) => [
      name,
      { digest: digest(canonicalJson(schema)), references: references(schema) },
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

/** A short text that stands for a longer one, the same on every computer. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 20);
}

/** The definitions a schema refers to by itself. */
export function references(schema: Json): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (value: Json): void => {
    if (Array.isArray(value)) for (const item of value as readonly Json[]) visit(item);
    if (!isObject(value)) return;
    for (const [key, inner] of Object.entries(value))
      if (key === "$ref" && typeof inner === "string") found.add(inner.slice(referencePrefix.length));
      else visit(inner);
  };
  visit(schema);
  return found;
}
