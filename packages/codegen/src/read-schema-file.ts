import { realpath } from "node:fs/promises";
import { basename, dirname, join, posix, relative, resolve, sep } from "node:path";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { lintBundled, lintSchemaFile } from "./lint/schema-file.ts";
import { bundle } from "./normalise/bundle.ts";
import { percentDecoded } from "./normalise/references.ts";
import { ContractsError, refusal } from "./problem.ts";
import { readJson, roundedKeywords } from "./read-json.ts";
import { readText } from "./read-text.ts";

/** One schema may be spread over so many files. */
const maxFiles = 500;

/**
 * Reads one JSON Schema file, one of our contracts or anybody's, with the `.json` files it refers to by relative path,
 * and bundles them. The files may lie in its own folder or beside that (`../common/money.schema.json`), and below;
 * nothing above is read, and nothing is fetched. Problems name files relative to there.
 * Throws `ContractsError` with every problem.
 */
export async function readSchemaFile(path: string): Promise<JsonObject> {
  const folder = dirname(dirname(resolve(path)));
  const first = toPosix(relative(folder, resolve(path)));
  const documents = new Map<string, Json>();
  const waiting = [first];
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    if (documents.has(file)) continue;
    if (documents.size === maxFiles) throw tooMany(file);
    const document = await readDocument(folder, file, file === first);
    if (document === undefined) continue;
    documents.set(file, document);
    waiting.push(...filesReferredTo(file, document));
  }
  const unsafe = [...documents].flatMap(([file, document]) =>
    isObject(document) ? lintSchemaFile(file, document, "relaxed") : [],
  );
  const bundled = bundle(first, { documents });
  const problems = bundled.ok ? unsafe : [...unsafe, ...bundled.problems];
  if (!bundled.ok || problems.length > 0) throw new ContractsError(problems);
  const inside = lintBundled(first, bundled);
  if (inside.length > 0) throw new ContractsError(inside);
  return bundled.schema;
}

/** A file that is not there is left to the bundler, which knows the place that refers to it. */
async function readDocument(folder: string, file: string, isFirst: boolean): Promise<Json | undefined> {
  const path = join(folder, file);
  if (!isFirst && !(await isBelow(folder, path))) return undefined;
  const text = await readText(path, isFirst ? basename(file) : file);
  const read = readJson(file, text, { rounded: roundedKeywords });
  if (!read.ok) throw refusal(read.problem);
  return read.value;
}

/** Whether there is such a file, and no symbolic link leads out of the folder. */
async function isBelow(folder: string, path: string): Promise<boolean> {
  const [real, root] = await Promise.all([realpath(path).catch(() => ""), realpath(folder)]);
  return real.startsWith(root.endsWith(sep) ? root : root + sep);
}

function filesReferredTo(from: string, document: Json): readonly string[] {
  const found = new Set<string>();
  const waiting: Json[] = [document];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== "object" || value === null) continue;
    const reference = isObject(value) ? value["$ref"] : undefined;
    if (typeof reference === "string") found.add(fileOf(reference, from));
    waiting.push(...Object.values(value));
  }
  return [...found].filter((file) => file.endsWith(".json") && !file.startsWith("../"));
}

function fileOf(reference: string, from: string): string {
  const [address = ""] = reference.split("#", 1);
  const isPath = address !== "" && !/^[a-z][a-z0-9+.-]*:|^\/|\\/i.test(address);
  return isPath ? posix.join(posix.dirname(from), percentDecoded(address)) : "";
}

function toPosix(path: string): string {
  return path.split(sep).join("/");
}

function tooMany(file: string): ContractsError {
  const message = `The schema is spread over more than ${maxFiles} files.`;
  return refusal({ code: "too_many_files", file, message });
}
