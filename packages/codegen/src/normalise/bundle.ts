import { posix } from "node:path";
import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import { descend, mapSchema } from "../schema.ts";

/** Parsed files of a folder of schemas, by path. */
export type Documents = ReadonlyMap<string, Json>;

export type Bundled =
  | { readonly ok: true; readonly schema: JsonObject }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Target {
  readonly id: string;
  readonly file: string;
  readonly name: string;
}

/**
 * Makes a schema self-contained: what it refers to, in its own `$defs` or in other files of the folder, comes to
 * stand in its `$defs`. References go only to files of the folder; nothing is ever fetched.
 */
export function bundle(file: string, documents: Documents): Bundled {
  const root = documents.get(file);
  if (!isObject(root))
    return {
      ok: false,
      problems: [{ file, pointer: "", code: "invalid_schema", message: "Not an object." }],
    };
  const definitions = new Map<string, { readonly id: string; schema: JsonObject }>();
  const problems: Problem[] = [];

  const rewrite = (schema: JsonObject, from: string): JsonObject =>
    mapSchema(schema, (inner) => {
      if (typeof inner["$ref"] !== "string") return inner;
      const target = resolve(inner["$ref"], from);
      const found = target && definitionAt(target, documents);
      if (target === undefined || found === undefined) {
        const { pointer } = descend(schema).find((place) => place.schema["$ref"] === inner["$ref"]) ?? {
          pointer: "",
        };
        problems.push(unresolved(from, pointer, inner["$ref"]));
        return inner;
      }
      include(target, found);
      return { ...inner, $ref: `#/$defs/${target.name}` };
    });

  const include = (target: Target, found: JsonObject) => {
    const known = definitions.get(target.name);
    if (known?.id === target.id) return;
    if (known !== undefined) {
      const message = `Two definitions are called ${target.name}: ${known.id} and ${target.id}.`;
      problems.push({ file, pointer: "", code: "definition_name_conflict", message });
      return;
    }
    const entry = { id: target.id, schema: found };
    definitions.set(target.name, entry);
    entry.schema = rewrite(withoutDefinitions(found), target.file);
  };

  const schema = rewrite(withoutDefinitions(root), file);
  if (problems.length > 0) return { ok: false, problems };
  const sorted = [...definitions].toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length === 0) return { ok: true, schema };
  return {
    ok: true,
    schema: { ...schema, $defs: Object.fromEntries(sorted.map(([name, entry]) => [name, entry.schema])) },
  };
}

function resolve(reference: string, from: string): Target | undefined {
  if (/^[a-z][a-z0-9+.-]*:|^\//i.test(reference)) return undefined;
  const [path = "", fragment = ""] = reference.split("#");
  const definition = /^\/\$defs\/([A-Za-z][\w-]*)$/.exec(fragment)?.[1];
  if (fragment !== "" && definition === undefined) return undefined;
  if (path === "" && definition === undefined) return undefined;
  const file = path === "" ? from : posix.join(posix.dirname(from), path);
  const name = definition ?? posix.basename(file).replace(/(?:\.schema)?\.json$/, "");
  return { id: fragment === "" ? file : `${file}#${fragment}`, file, name };
}

function definitionAt(target: Target, documents: Documents): JsonObject | undefined {
  const document = documents.get(target.file);
  if (!isObject(document)) return undefined;
  if (!target.id.includes("#")) return document;
  const definition = objectAt(document, "$defs")[target.name];
  return isObject(definition) ? definition : undefined;
}

function withoutDefinitions(schema: JsonObject): JsonObject {
  const { $defs: _definitions, $schema: _dialect, $id: _id, ...rest } = schema;
  return rest;
}

function unresolved(file: string, pointer: string, reference: string): Problem {
  const message =
    `${JSON.stringify(reference)} leads nowhere: a reference is "#/$defs/name" or the relative path of a file ` +
    `inside the folder of schemas.`;
  return { file, pointer: `${pointer}/$ref`, code: "unresolved_reference", message };
}
