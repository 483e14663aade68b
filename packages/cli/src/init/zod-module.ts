import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { JsonObject, Problem } from "@hooks/codegen";
import { Failure, unusable } from "../failure.ts";

/** JSON Schemas of the zod schemas that a module exports, by name, and what they could not say. */
export interface ZodModule {
  readonly schemas: Readonly<Record<string, JsonObject>>;
  readonly losses: readonly Problem[];
}

/** As much of zod 4 as is used here; the user's own copy is called, whichever 4 it is. */
interface Zod {
  readonly toJSONSchema: (schema: unknown, options: object) => JsonObject;
}

interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly checks?: readonly { readonly _zod: { readonly def: { readonly check: string } } }[];
}

interface Visited {
  readonly zodSchema: { readonly _zod: { readonly def: Definition } };
  readonly jsonSchema: Record<string, unknown>;
  readonly path?: readonly (string | number)[];
}

/**
 * Loads a module (which runs it) and takes its exports that are zod 4 schemas, or objects of them. What JSON Schema
 * cannot say (`refine`, `transform`, maps, …) is told as losses. Throws `Failure`.
 */
export async function readZodModule(path: string, name: string): Promise<ZodModule> {
  const module = await load(path, name);
  const found = Object.entries(module).flatMap(([key, value]) => schemasIn(key, value));
  if (found.length === 0)
    throw new Failure(`${name} exports no zod 4 schema, and no object of them.`, { code: "no_event_types" });
  const zod = await loadZod(path, name);
  const losses: Problem[] = [];
  const schemas = found.map(([key, schema]) => {
    const options = {
      io: "output",
      unrepresentable: "any",
      override: (visited: Visited) =>
        adapt(visited, (pointer, message) => {
          losses.push({ code: "lost_in_conversion", file: name, pointer: `/${key}${pointer}`, message });
        }),
    };
    return [key, zod.toJSONSchema(schema, options)] as const;
  });
  return { schemas: Object.fromEntries(schemas), losses: losses.toReversed() };
}

async function load(path: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
    throw new Failure(`${name} cannot be loaded: ${reason}`, {
      code: "unreadable_module",
      file: name,
      cause,
    });
  }
}

function schemasIn(key: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (isZodSchema(value)) return [[key, value]];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter(([, inner]) => isZodSchema(inner));
}

function isZodSchema(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("_zod" in value)) return false;
  const { _zod } = value;
  return typeof _zod === "object" && _zod !== null && "def" in _zod;
}

/** The zod that the user's module itself would import. */
async function loadZod(path: string, name: string): Promise<Zod> {
  try {
    const manifestFile = createRequire(path).resolve("zod/package.json");
    const manifest = JSON.parse(await readFile(manifestFile, "utf8")) as {
      readonly exports: { readonly ".": { readonly import: string } };
    };
    const entry = join(dirname(manifestFile), manifest.exports["."].import);
    return (await import(pathToFileURL(entry).href)) as Zod;
  } catch (cause) {
    const message = `zod 4 is not installed where ${basename(name)} is.`;
    throw unusable(message, { code: "zod_not_found", file: name, cause });
  }
}

/** Kinds of schema that allow anything once they are JSON Schema. */
const beyondJson =
  /^(?:transform|custom|bigint|symbol|undefined|void|nan|map|set|function|promise|file|template_literal)$/;
const formats = ["datetime", "date", "email", "url", "uuid", "guid"];

function adapt(
  { zodSchema, jsonSchema, path = [] }: Visited,
  lose: (pointer: string, message: string) => void,
): void {
  const { type, format, checks = [] } = zodSchema._zod.def;
  const pointer = path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  if (type === "date") Object.assign(jsonSchema, { type: "string", format: "date-time" });
  if (beyondJson.test(type) && Object.keys(jsonSchema).length === 0)
    lose(pointer, `${type} cannot be said in JSON Schema: anything is allowed here now.`);
  if (checks.some(({ _zod }) => _zod.def.check === "custom"))
    lose(pointer, "refine cannot be said in JSON Schema: its rule is not checked any more.");
  // The format says what zod's long pattern says.
  if (format !== undefined && formats.includes(format)) delete jsonSchema["pattern"];
}
