import { isObject, objectAt, pointerTo, segmentsOf, type Json, type JsonObject } from "../json.ts";
import { inside, resolveReference, rootOf, type Documents, type Location } from "../normalise/references.ts";
import { refusal } from "../problem.ts";
import type { Source } from "./imported.ts";

/** Where a document describes one event. */
export interface Leaf {
  /** What the document calls it. */
  readonly name: string;
  /** The event type that the schema itself demands in a member such as `type`. */
  readonly tag?: string | undefined;
  readonly pointer: string;
}

/** So many event types no system has; a document of unions in unions must not grow without end. */
const maxLeaves = 2_000;

/**
 * Finds the schemas of single events in a document: the branches of its unions, followed through references and
 * unions of unions; without a union at the root, the definitions nothing refers to; without definitions, the root.
 */
export function findLeaves(source: Source): readonly Leaf[] {
  const { file, document } = source;
  if (!isObject(document))
    throw refusal({ code: "invalid_schema", file, message: "A JSON Schema is an object." });
  const starts = isBare(document) ? unreferenced(document) : [];
  if (starts.length === 0) return leavesFrom([{ name: nameOfWhole(file, document), pointer: "" }], source);
  return leavesFrom(starts, source);
}

/** The title, where it is a name and no sentence; else the file's name, unless every contract's is called so. */
function nameOfWhole(file: string, { title }: JsonObject): string {
  const [name = "", folder] = file.split("/").toReversed();
  const plain = name.replace(/(?:\.schema)?\.\w+$/, "");
  if (typeof title === "string" && /^[A-Za-z]\w*(?:[./:-]\w+)*$/.test(title)) return title;
  if (plain !== "schema") return plain;
  return typeof title === "string" && /[A-Za-z]/.test(title) ? title : (folder ?? plain);
}

/** Finds the schemas of single events that some places of a document lead to; a name of a place is the last resort. */
export function leavesFrom(starts: readonly Leaf[], source: Source): readonly Leaf[] {
  const { file, documents } = source;
  const leaves = new Map<string, Leaf>();
  const seen = new Set<string>();
  // A list of what is still to be seen instead of recursion: unions may lead on further than the stack bears.
  const waiting = starts.flatMap(({ pointer, name }) => {
    const start = placeAt(pointer, source);
    return start === undefined ? [] : [follow(start, documents, name)];
  });
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [place, name] = next;
    if (seen.has(place.pointer)) continue;
    seen.add(place.pointer);
    const branches = isObject(place.value) ? leadsTo(place.value) : [];
    if (branches.length === 0) leaves.set(place.pointer, { ...nameOf(place, name), pointer: place.pointer });
    if (leaves.size + branches.length > maxLeaves)
      throw refusal({
        code: "too_many_events",
        file,
        message: `There are more than ${maxLeaves} events in it.`,
      });
    waiting.unshift(
      ...branches.map(({ pointer, branch }) => follow(inside(place, pointer, branch), documents, name)),
    );
  }
  if (leaves.size === 0) throw refusal({ code: "no_event_types", file, message: "There is no event in it." });
  return [...leaves.values()];
}

function placeAt(pointer: string, { file, documents }: Source): Location | undefined {
  const root = rootOf(file, documents);
  if (root === undefined || pointer === "") return root;
  const resolved = resolveReference(`#${encodeURIComponent(pointer)}`, root, documents);
  return resolved.ok ? resolved.target : undefined;
}

interface Branch {
  readonly pointer: string;
  readonly branch: Json;
}

const besideUnion =
  /^(?:\$schema|\$id|\$comment|title|description|definitions|\$defs|discriminator|type|oneOf|anyOf)$/;

/** The branches of a schema that is nothing but a union. A payload that is a union of inline shapes stays one event. */
function leadsTo(schema: JsonObject): readonly Branch[] {
  const keyword = schema["oneOf"] === undefined ? "anyOf" : "oneOf";
  const union = schema[keyword];
  const isUnion = Array.isArray(union) && Object.keys(schema).every((key) => besideUnion.test(key));
  if (!isUnion || (schema["oneOf"] !== undefined && schema["anyOf"] !== undefined)) return [];
  const branches: readonly Json[] = union;
  const isOfEvents = branches.every(
    (branch) => isObject(branch) && (typeof branch["$ref"] === "string" || typeTag(branch) !== undefined),
  );
  return isOfEvents ? branches.map((branch, index) => ({ pointer: `/${keyword}/${index}`, branch })) : [];
}

/** Goes on to what a branch refers to, which then gives the name. */
function follow(place: Location, documents: Documents, name: string): [Location, string] {
  const seen = new Set<string>();
  let [at, called] = [place, name];
  for (
    let reference = onlyReference(at.value);
    reference !== undefined;
    reference = onlyReference(at.value)
  ) {
    const resolved = resolveReference(reference, at, documents);
    // What leads nowhere, elsewhere or round in circles is reported when the document is bundled.
    if (!resolved.ok || seen.has(resolved.target.pointer)) break;
    at = resolved.target;
    seen.add(at.pointer);
    called = segmentsOf(at.pointer).at(-1) || called;
  }
  return [at, called];
}

function onlyReference(value: Json): string | undefined {
  return isObject(value) && typeof value["$ref"] === "string" ? value["$ref"] : undefined;
}

/** What an event says of itself in `type` is its best name. */
function nameOf({ value, pointer }: Location, name: string): Pick<Leaf, "name" | "tag"> {
  const tag = isObject(value) ? typeTag(value) : undefined;
  if (tag !== undefined && tag.includes(".")) return { name: tag, tag };
  if (!/\/(?:oneOf|anyOf)\/\d+$/.test(pointer)) return { name };
  const title = isObject(value) && typeof value["title"] === "string" ? value["title"] : undefined;
  return { name: tag ?? title ?? name };
}

/** The only value that a schema's member `type` (or `event`) can have. */
function typeTag(schema: JsonObject): string | undefined {
  const members = objectAt(schema, "properties");
  for (const name of ["type", "event_type", "eventType", "event"]) {
    const { const: only, enum: values } = objectAt(members, name);
    const value = only ?? (Array.isArray(values) && values.length === 1 ? values[0] : undefined);
    if (typeof value === "string" && /^[A-Za-z][\w.:/-]*$/.test(value)) return value;
  }
  return undefined;
}

/** A root that only holds definitions. */
function isBare(root: JsonObject): boolean {
  return Object.keys(root).every((key) =>
    /^(?:\$schema|\$id|\$comment|title|description|definitions|\$defs)$/.test(key),
  );
}

function unreferenced(root: JsonObject): readonly Leaf[] {
  const definitions = ["definitions", "$defs"].flatMap((keyword) =>
    Object.keys(objectAt(root, keyword)).map((name) => ({ pointer: pointerTo(`/${keyword}`, name), name })),
  );
  const references = referencesIn(root);
  return definitions.filter(({ pointer }) => !references.has(`#${pointer}`));
}

function referencesIn(value: Json): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null) continue;
    if (isObject(next) && typeof next["$ref"] === "string") found.add(decode(next["$ref"]));
    for (const inner of Object.values(next) as readonly Json[]) waiting.push(inner);
  }
  return found;
}

function decode(reference: string): string {
  return URL.canParse(reference, "schemas:///") ? decodeURIComponent(reference) : reference;
}
