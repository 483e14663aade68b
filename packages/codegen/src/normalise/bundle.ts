import { isObject, pointerTo, type Json, type JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import type { LintLevel } from "../project.ts";
import { mapChildren } from "../schema.ts";
import { referenceTo, targetsOf } from "./definitions.ts";
import { nameDefinition } from "./definition-names.ts";
import { entanglements } from "./entanglements.ts";
import { booleanSchema, isKnownDialect, knownDialects, modern, originalPointer } from "./modern.ts";
import { followedOf, maxFollowed } from "./expansion.ts";
import { inside, resolveReference, rootOf, type Documents, type Location } from "./references.ts";
import { unwrapRoot } from "./unwrap-root.ts";

export type { Documents } from "./references.ts";

export type Bundled =
  | {
      readonly ok: true;
      readonly schema: JsonObject;
      /** Where each definition stood. */
      readonly origins: ReadonlyMap<string, Pick<Location, "file" | "pointer">>;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface BundleOptions {
  readonly documents: Documents;
  /** `strict` refuses two definitions of one name; `relaxed`, the default, gives one of them another name. */
  readonly level?: LintLevel;
}

/** What one contract may come to; the largest known (all of GitHub's events in one) needs a tenth. */
const limits = { definitions: 5_000, schemas: 100_000, depth: 100 };

/**
 * Makes a JSON Schema, 2020-12 or draft-07, self-contained: in the vocabulary of 2020-12, with everything it
 * refers to in its own `$defs`, and no names (`$id`, `$anchor`) left. References go to files among `documents`, by
 * relative path or `$id`; nothing is ever fetched.
 */
export function bundle(file: string, { documents, level = "relaxed" }: BundleOptions): Bundled {
  const root = rootOf(file, documents);
  if (root === undefined || (!isObject(root.value) && typeof root.value !== "boolean"))
    return failed({ file, pointer: "", code: "invalid_schema", message: "A schema is an object." });
  const work = new Bundling(documents, level);
  const schema = work.rewrite(root, 0);
  work.finish();
  if (work.problems.length === 0) work.checkEnds();
  if (work.problems.length === 0) work.checkExpansion(root, schema);
  if (work.problems.length > 0) return { ok: false, problems: work.problems };
  return { ok: true, schema: unwrapRoot(asObject(schema), work.definitions()), origins: work.origins };
}

/** Bundles a schema that stands alone; `file` names it in problems. */
export function bundleDocument(document: Json, file = "schema.json"): Bundled {
  return bundle(file, { documents: new Map([[file, document]]) });
}

function failed(...problems: readonly Problem[]): Bundled {
  return { ok: false, problems };
}

/** The state of bundling one schema: what is still to be rewritten, and what came of it. */
class Bundling {
  readonly problems: Problem[] = [];
  readonly origins = new Map<string, Location>();
  readonly #documents: Documents;
  readonly #level: LintLevel;
  readonly #names = new Map<string, string>();
  readonly #waiting: Location[] = [];
  readonly #done = new Map<string, Json>();
  #schemas = 0;

  constructor(documents: Documents, level: LintLevel) {
    this.#documents = documents;
    this.#level = level;
  }

  /** A queue instead of recursion: a chain of references may be longer than the stack. */
  finish(): void {
    for (let place = this.#waiting.shift(); place !== undefined; place = this.#waiting.shift()) {
      const name = this.#names.get(idOf(place)) ?? "";
      const { "x-event": _event, ...schema } = asObject(this.rewrite(place, 0));
      this.#done.set(name, schema);
      if (this.problems.length > 0) return;
    }
  }

  checkEnds(): void {
    const { endless, heavy } = entanglements(this.definitions());
    for (const name of endless)
      this.#reportDefinition(name, {
        code: "reference_cycle",
        message: "The reference leads back to itself: no value could ever be checked against it.",
      });
    if (heavy !== undefined)
      this.#reportDefinition(heavy, {
        code: "too_complex",
        message: "One value would be checked against too many definitions.",
      });
  }

  /** Of a chain of definitions that is too much, the innermost is told. */
  checkExpansion(root: Location, schema: Json): void {
    const followed = followedOf(this.definitions());
    const [heavy] = [...followed].find(([, count]) => count > maxFollowed) ?? [];
    const all = targetsOf(schema).reduce((sum, name) => sum + (followed.get(name) ?? 0), 1);
    const message = `With every reference in it followed, it comes to more than ${maxFollowed} definitions.`;
    const problem = { code: "too_complex", message };
    if (heavy !== undefined) this.#reportDefinition(heavy, problem);
    else if (all > maxFollowed) this.#report(root, "", problem);
  }

  definitions(): JsonObject {
    return Object.fromEntries([...this.#done].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  rewrite(place: Location, depth: number): Json {
    const { value } = place;
    if (!isObject(value)) return typeof value === "boolean" ? asObject(booleanSchema(value, "")) : value;
    if (!this.#withinLimits(place, depth)) return {};
    this.#checkDialect(value["$schema"], place);
    const schema = mapChildren(modern(value, place.isOld), (child, pointer) => {
      if (typeof child === "boolean") return booleanSchema(child, pointer);
      return this.rewrite(inside(place, originalPointer(value, pointer), child), depth + 1);
    });
    return this.#withReference(schema, place);
  }

  #checkDialect(dialect: Json | undefined, place: Location): void {
    if (typeof dialect !== "string" || isKnownDialect(dialect)) return;
    this.#report(place, "$schema", {
      code: "unknown_dialect",
      message: `Expected ${knownDialects}, found ${JSON.stringify(dialect)}.`,
    });
  }

  #withReference(schema: JsonObject, place: Location): JsonObject {
    for (const keyword of ["$dynamicRef", "$recursiveRef"])
      if (schema[keyword] !== undefined)
        this.#report(place, keyword, {
          code: "dynamic_reference",
          message: `${keyword} depends on who refers; use $ref.`,
        });
    const reference = schema["$ref"];
    if (typeof reference !== "string") return schema;
    const resolved = resolveReference(reference, place, this.#documents);
    if (resolved.ok) return { ...schema, $ref: referenceTo(this.#include(resolved.target, place)) };
    const reason =
      resolved.code === "remote_reference"
        ? "is somewhere else: nothing is fetched, so a copy has to stand in the folder of schemas."
        : "leads nowhere: a reference is a JSON Pointer such as #/$defs/name, or the relative path of a file.";
    this.#report(place, "$ref", { code: resolved.code, message: `${JSON.stringify(reference)} ${reason}` });
    return schema;
  }

  #include(target: Location, from: Location): string {
    const id = idOf(target);
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const { name, conflict } = nameDefinition(target, (name) => this.origins.get(name));
    if (conflict !== undefined && this.#level === "strict")
      this.#report(from, "$ref", {
        code: "definition_name_conflict",
        message: `Two definitions have the same name: ${idOf(conflict)} and ${id}.`,
      });
    if (this.#names.size === limits.definitions)
      this.#report(from, "$ref", {
        code: "too_large",
        message: `There are more than ${limits.definitions} definitions.`,
      });
    this.#names.set(id, name);
    this.origins.set(name, target);
    this.#waiting.push(target);
    return name;
  }

  #withinLimits(place: Location, depth: number): boolean {
    this.#schemas++;
    if (depth > limits.depth)
      this.#report(place, "", {
        code: "too_deep",
        message: `Schemas are nested deeper than ${limits.depth} levels.`,
      });
    else if (this.#schemas === limits.schemas)
      this.#report(place, "", {
        code: "too_large",
        message: `There are more than ${limits.schemas} schemas in it.`,
      });
    return depth <= limits.depth && this.#schemas < limits.schemas;
  }

  #reportDefinition(name: string, problem: Pick<Problem, "code" | "message">): void {
    const place = this.origins.get(name);
    if (place !== undefined) this.#report(place, "", problem);
  }

  #report(
    { file, pointer }: Location,
    keyword: string,
    { code, message }: Pick<Problem, "code" | "message">,
  ): void {
    this.problems.push({
      file,
      pointer: keyword === "" ? pointer : pointerTo(pointer, keyword),
      code,
      message,
    });
  }
}

function idOf({ file, pointer }: Location): string {
  return pointer === "" ? file : `${file}#${pointer}`;
}

function asObject(value: Json): JsonObject {
  if (isObject(value)) return value;
  return value === false ? { not: {} } : {};
}
