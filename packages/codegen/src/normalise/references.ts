import { posix } from "node:path";
import { isObject, pointerTo, segmentsOf, type Json, type JsonObject } from "../json.ts";
import { isOldDraft } from "./modern.ts";

/** Parsed files of a folder of schemas, by path. */
export type Documents = ReadonlyMap<string, Json>;

/** A schema in a file, and what it inherits from what is around it. */
export interface Location {
  readonly file: string;
  readonly pointer: string;
  readonly value: Json;
  /** What relative references in it are relative to. */
  readonly base: string;
  /** Whether it is written in a draft before 2019-09. */
  readonly isOld: boolean;
}

export type Resolved =
  | { readonly ok: true; readonly target: Location }
  | { readonly ok: false; readonly code: "remote_reference" | "unresolved_reference" };

interface Names {
  /** URI of everything with an `$id`. */
  readonly ids: ReadonlyMap<string, Location>;
  /** URI and `#` and name of everything with an `$anchor`. */
  readonly anchors: ReadonlyMap<string, Location>;
}

/** The names of a folder's schemas are collected once, though each of its contracts is bundled. */
const namesOf = new WeakMap<Documents, Names>();

/** Deeper files are refused before they come here; this keeps any other from using up the stack. */
const maxDepth = 200;

/** The root of a file. */
export function rootOf(file: string, documents: Documents): Location | undefined {
  const value = documents.get(file);
  if (value === undefined) return undefined;
  return inherit({ file, pointer: "", value, base: baseOf(file), isOld: false }, value);
}

/** The location of a schema directly inside another; `pointer` and `value` are the inner one's. */
export function inside(outer: Location, pointer: string, value: Json): Location {
  return inherit({ ...outer, pointer: outer.pointer + pointer, value }, value);
}

/**
 * Finds what a reference means: a JSON Pointer, an `$anchor` or an `$id` of any file of the folder, or the relative
 * path of a file. Nothing outside of the folder is ever looked at.
 */
export function resolveReference(reference: string, from: Location, documents: Documents): Resolved {
  const hash = reference.indexOf("#");
  const address = hash < 0 ? reference : reference.slice(0, hash);
  const fragment = percentDecoded(hash < 0 ? "" : reference.slice(hash + 1));
  const names = collectNames(documents);
  for (const resource of resourcesAt(address, from, { documents, names })) {
    const target = targetIn(resource, fragment, names);
    if (target !== undefined) return { ok: true, target };
  }
  const isRemote = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(address);
  return { ok: false, code: isRemote ? "remote_reference" : "unresolved_reference" };
}

interface Folder {
  readonly documents: Documents;
  readonly names: Names;
}

/** What an address may mean, likeliest first: the nearest `$id`, then its file; another `$id`; another file. */
function resourcesAt(address: string, from: Location, { documents, names }: Folder): readonly Location[] {
  const file = rootOf(from.file, documents);
  if (address === "") return [names.ids.get(from.base), file].filter((found) => found !== undefined);
  const uri = resolveUri(address, from.base);
  const path = posix.join(posix.dirname(from.file), percentDecoded(address));
  const found = [uri === undefined ? undefined : names.ids.get(uri), rootOf(path, documents)];
  return found.filter((one) => one !== undefined);
}

function targetIn(resource: Location, fragment: string, names: Names): Location | undefined {
  if (fragment === "") return resource;
  if (!fragment.startsWith("/")) return names.anchors.get(`${resource.base}#${fragment}`);
  let place = resource;
  for (const segment of segmentsOf(fragment)) {
    const { value } = place;
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    const next = (value as Readonly<Record<string, Json>>)[segment];
    if (next === undefined) return undefined;
    place = inside(place, pointerTo("", segment), next);
  }
  // Written anew, so that one place has one pointer however it was escaped.
  const pointer = segmentsOf(place.pointer).reduce(pointerTo, "");
  return isObject(place.value) || typeof place.value === "boolean" ? { ...place, pointer } : undefined;
}

function collectNames(documents: Documents): Names {
  const known = namesOf.get(documents);
  if (known !== undefined) return known;
  const ids = new Map<string, Location>();
  const anchors = new Map<string, Location>();
  const visit = (place: Location, depth: number): void => {
    const { value } = place;
    if (typeof value !== "object" || value === null || depth > maxDepth) return;
    if (isObject(value)) {
      if (isResource(value) && !ids.has(place.base)) ids.set(place.base, place);
      for (const anchor of anchorsOf(value))
        if (!anchors.has(`${place.base}#${anchor}`)) anchors.set(`${place.base}#${anchor}`, place);
    }
    for (const [key, inner] of Object.entries(value))
      if (!/^(?:enum|const|default|examples)$/.test(key))
        visit(inside(place, pointerTo("", key), inner), depth + 1);
  };
  for (const file of documents.keys()) {
    const root = /(?:^|\/)(?:examples|invalid)\//.test(file) ? undefined : rootOf(file, documents);
    if (root !== undefined) visit(root, 0);
  }
  const names = { ids, anchors };
  namesOf.set(documents, names);
  return names;
}

function inherit(place: Location, value: Json): Location {
  if (!isObject(value)) return place;
  const dialect = value["$schema"];
  const isOld = typeof dialect === "string" ? isOldDraft(dialect) : place.isOld;
  const id = isResource(value) ? resolveUri(String(value["$id"]), place.base) : undefined;
  return { ...place, isOld, base: id ?? place.base };
}

function isResource(schema: JsonObject): boolean {
  return typeof schema["$id"] === "string" && !schema["$id"].startsWith("#");
}

/** draft-07 writes an anchor as `"$id": "#name"`. */
function anchorsOf(schema: JsonObject): readonly string[] {
  const { $anchor, $dynamicAnchor, $id } = schema;
  const old = typeof $id === "string" && $id.startsWith("#") ? $id.slice(1) : undefined;
  return [$anchor, $dynamicAnchor, old].filter((name) => typeof name === "string" && name !== "") as string[];
}

function baseOf(file: string): string {
  return `schemas:///${file.split("/").map(encodeURIComponent).join("/")}`;
}

function resolveUri(reference: string, base: string): string | undefined {
  const uri = URL.parse(reference, base)?.href;
  return uri?.replace(/#$/, "");
}

/** A part of a URI without its percent signs; one that means nothing stays as it is. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
