import { compile } from "../compile.ts";
import { isDeviceName } from "../device-names.ts";
import { objectAt, type Json, type JsonObject } from "../json.ts";
import { configFile } from "../layout.ts";
import { reachableFrom, referenceOf, referenceTo } from "../normalise/definitions.ts";
import type { Problem } from "../problem.ts";
import { formatJson } from "../render/files.ts";
import { dialect, mapSchema } from "../schema.ts";
import type { Imported, ImportOptions } from "./imported.ts";

/** One event type as an importer found it. */
export interface FoundContract {
  readonly type: string;
  /** References lead to `definitions` of the whole import. */
  readonly schema: JsonObject;
  /** File name (without `.json`) to a `data` that should pass. */
  readonly examples: ReadonlyMap<string, Json>;
  /** The event in a few words, and when it fires, where the source says so. */
  readonly summary?: string | undefined;
  readonly trigger?: string | undefined;
}

export interface Found {
  readonly contracts: readonly FoundContract[];
  readonly definitions: JsonObject;
  readonly warnings: readonly Problem[];
}

/**
 * Lays contracts out as a folder of schemas, lint level relaxed. A definition that several contracts use becomes a
 * file of `common/`; one that a single contract uses stays with it. Examples that their contract refuses are left out
 * with a warning, so that the folder is right from the start.
 */
export function contractFiles({ contracts, definitions, warnings }: Found, options: ImportOptions): Imported {
  const uses = contracts.map(({ schema }) => reachableFrom(schema, definitions));
  const shared = nameFiles(Object.keys(definitions).filter((name) => usedBy(uses, name) > 1));
  const refused: Problem[] = [];
  const sources = new Map<string, string>();
  sources.set(configFile, formatJson({ package: options.package, source: options.source, lint: "relaxed" }));
  for (const [name, file] of shared) {
    const schema = pointTo(objectAt(definitions, name), (target) => `${shared.get(target)}.schema.json`);
    sources.set(`common/${file}.schema.json`, formatJson({ $schema: dialect, ...schema }));
  }
  for (const [index, contract] of contracts.entries()) {
    const used = uses[index] ?? [];
    const local = used.filter((name) => !shared.has(name));
    const point = (schema: JsonObject) =>
      pointTo(schema, (target) =>
        shared.has(target) ? `../common/${shared.get(target)}.schema.json` : referenceTo(target),
      );
    sources.set(
      `${contract.type}/schema.json`,
      formatJson({
        $schema: dialect,
        ...withEvent(contract, point(contract.schema)),
        ...definitionsOf(local, (name) => point(objectAt(definitions, name))),
      }),
    );
    const bundled = { ...contract.schema, ...definitionsOf(used, (name) => objectAt(definitions, name)) };
    for (const [name, data] of contract.examples) {
      const file = `${contract.type}/examples/${name}.json`;
      if (passes(bundled, data)) sources.set(file, formatJson(data));
      else refused.push(refusedExample(file));
    }
  }
  return { sources, warnings: [...warnings, ...refused] };
}

function definitionsOf(names: readonly string[], schemaOf: (name: string) => JsonObject): JsonObject {
  if (names.length === 0) return {};
  return { $defs: Object.fromEntries(names.map((name) => [name, schemaOf(name)])) };
}

function withEvent({ type, summary, trigger }: FoundContract, schema: JsonObject): JsonObject {
  const { title, description, examples: _examples, "x-event": _event, ...rest } = schema;
  return {
    title: type,
    ...(description === undefined ? {} : { description }),
    "x-event": {
      version: "1.0.0",
      group: type.split(".", 1)[0] ?? type,
      summary:
        text(summary) ?? (title === type ? undefined : text(title)) ?? `Describe ${type} in a few words`,
      trigger: text(trigger) ?? text(description) ?? `Describe when ${type} fires.`,
      payload: "full",
      ...objectAt(schema, "x-event"),
    },
    ...rest,
  };
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** File names have their own alphabet. */
function nameFiles(names: readonly string[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names.toSorted()) {
    const plain =
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9_-]+/g, "-")
        .replace(/^[^a-z]+/, "") || "shape";
    let file = isDeviceName(plain) ? `shape-${plain}` : plain;
    for (let number = 2; taken.has(file); number++) file = `${plain}-${number}`;
    taken.add(file);
    files.set(name, file);
  }
  return files;
}

function usedBy(uses: readonly (readonly string[])[], name: string): number {
  return uses.filter((names) => names.includes(name)).length;
}

function pointTo(schema: JsonObject, target: (name: string) => string): JsonObject {
  return mapSchema(schema, (inner) => {
    const name = referenceOf(inner);
    return name === undefined ? inner : { ...inner, $ref: target(name) };
  });
}

function passes(bundled: JsonObject, data: Json): boolean {
  try {
    return compile(bundled, "closed").check(data);
  } catch {
    // What cannot be compiled is the linter's to explain; the example is not to blame.
    return true;
  }
}

function refusedExample(file: string): Problem {
  const message = "The source's own example does not fit its schema, and was left out.";
  return { code: "dropped_example", file, pointer: "", message };
}
