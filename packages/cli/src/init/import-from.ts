import { glob, readdir, stat } from "node:fs/promises";
import { extname, relative, resolve } from "node:path";
import { combineSchemas, importOpenApi, importSamples, importSchema, parseDocument } from "@hooks/codegen";
import type { Imported, ImportOptions } from "@hooks/codegen";
import type { Io } from "../command.ts";
import { misuse, unusable } from "../failure.ts";
import { readText } from "../files.ts";
import { readZodModule } from "./zod-module.ts";

/** What a source can be; without being told, it shows in the file's name and content. */
export const kinds = ["openapi", "schema", "samples", "zod"] as const;
export type Kind = (typeof kinds)[number];

export interface ImportFromOptions extends ImportOptions {
  readonly enums: boolean;
}

export interface From {
  readonly kind?: Kind | undefined;
  /** Files, folders (of samples) and patterns such as `samples/*.json`. */
  readonly paths: readonly string[];
}

const maxFiles = 2_000;

/** Reads what is to be imported and imports it. Throws `Failure` or `ContractsError`. */
export async function importFrom(
  { kind, paths }: From,
  options: ImportFromOptions,
  io: Io,
): Promise<Imported> {
  const files = await expand(paths, io);
  const [file = ""] = files;
  const isModule = /^\.[cm]?[jt]s$/.test(extname(file));
  if (kind === "zod" || (kind === undefined && isModule))
    return importZod(only(files, "module"), options, io);
  const documents: { readonly file: string; readonly value: unknown }[] = [];
  for (const one of files) documents.push({ file: one, value: parseDocument(await readText(one, io), one) });
  const found = kind ?? guessKind(documents);
  if (found === "samples") return importSamples(documents as Parameters<typeof importSamples>[0], options);
  only(files, "document");
  const importDocument = found === "openapi" ? importOpenApi : importSchema;
  return importDocument(documents[0]?.value, { ...options, file });
}

async function importZod(file: string, options: ImportOptions, io: Io): Promise<Imported> {
  // Says that there is no such file, before running it fails in other words.
  await readText(file, io);
  const { schemas, losses } = await readZodModule(resolve(io.folder, file), file);
  const { sources, warnings } = importSchema(combineSchemas(schemas), { ...options, file });
  return { sources, warnings: [...losses, ...warnings] };
}

function guessKind(documents: readonly { readonly value: unknown }[]): Kind {
  if (documents.length > 1) return "samples";
  const value = documents[0]?.value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "samples";
  if ("openapi" in value || "swagger" in value) return "openapi";
  const dialect = "$schema" in value ? String(value.$schema) : "";
  const isSchema =
    dialect.includes("json-schema.org") ||
    ["$defs", "definitions", "oneOf", "anyOf", "allOf"].some((key) => Object.hasOwn(value, key)) ||
    ("type" in value && value.type === "object" && "properties" in value);
  return isSchema ? "schema" : "samples";
}

function only(files: readonly string[], what: string): string {
  const [file = "", second] = files;
  if (second !== undefined) throw misuse(`One ${what} at a time: ${file} or ${second}.`);
  return file;
}

async function expand(paths: readonly string[], io: Io): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const status = await stat(resolve(io.folder, path)).catch(() => undefined);
    if (status?.isDirectory() === true) found.push(...(await jsonFilesIn(path, io)));
    else if (status === undefined && /[*?{[]/.test(path)) found.push(...(await matching(path, io)));
    else found.push(path);
  }
  if (found.length === 0) throw unusable(`${paths.join(" ")} matches no file.`, { code: "unreadable_file" });
  if (found.length > maxFiles) throw unusable(`More than ${maxFiles} files.`, { code: "too_many_files" });
  return found;
}

async function jsonFilesIn(folder: string, io: Io): Promise<readonly string[]> {
  const entries = await readdir(resolve(io.folder, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => relative(io.folder, resolve(entry.parentPath, entry.name)))
    .toSorted();
}

async function matching(pattern: string, io: Io): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const path of glob(pattern, { cwd: io.folder })) found.push(path);
  return found.toSorted();
}
