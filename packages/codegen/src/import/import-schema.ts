import { posix } from "node:path";
import { objectAt, type Json, type JsonObject } from "../json.ts";
import { bundle } from "../normalise/bundle.ts";
import { referenceOf, schemasOf } from "../normalise/definitions.ts";
import { ContractsError, type Problem } from "../problem.ts";
import { contractFiles, type FoundContract } from "./contract-files.ts";
import { withoutEnvelopes } from "./envelope.ts";
import { eventTypesFrom } from "./event-type.ts";
import { createSource, type Imported, type ImportOptions, type Source } from "./imported.ts";
import { dropUnknownKeywords } from "./known-keywords.ts";
import { findLeaves, type Leaf } from "./leaves.ts";

/**
 * Makes a folder of contracts of a JSON Schema document (2020-12 or draft-07): one contract for each event it
 * describes, found through the unions of its root. Pure; nothing is fetched. The same document gives the same files.
 * Throws `ContractsError` when the document is broken, refers to other places, or is beyond the limits.
 */
export function importSchema(document: unknown, options: ImportOptions): Imported {
  // It was parsed from JSON, or is like it; what is no schema in it is found out as it is read.
  const source = createSource(options.file ?? "schema.json", document as Json);
  const leaves = findLeaves(source);
  const { schemas, definitions, warnings } = bundleLeaves(leaves, source);
  const types = eventTypesFrom(leaves.map(({ name }) => name));
  const contracts = schemas.map((schema, index): FoundContract => ({
    type: types[index] ?? "",
    schema,
    examples: examplesOf(schema),
  }));
  return contractFiles(withoutEnvelopes({ contracts, definitions, warnings }), options);
}

export interface BundledLeaves {
  /** One for each leaf, in order. */
  readonly schemas: readonly JsonObject[];
  /** What the schemas and each other refer to. */
  readonly definitions: JsonObject;
  readonly warnings: readonly Problem[];
}

/** Bundles all leaves of a document in one go, so that a definition has one name for all of them. */
export function bundleLeaves(leaves: readonly Leaf[], source: Source): BundledLeaves {
  const { file, document } = source;
  // Beside the file, so that the way to it is its name, wherever it is.
  const all = posix.join(posix.dirname(file), "all events");
  const name = encodeURIComponent(posix.basename(file));
  const branches = leaves.map(({ pointer }) => ({ $ref: `${name}#${encodeURIComponent(pointer)}` }));
  const documents = new Map<string, Json>([
    [file, document],
    [all, { oneOf: branches }],
  ]);
  const bundled = bundle(all, { documents });
  if (!bundled.ok) throw new ContractsError(bundled.problems);
  const { schema, warnings } = dropUnknownKeywords(bundled.schema, source);
  const definitions = objectAt(schema, "$defs");
  const names = schemasOf(schema["oneOf"]).map((branch) => referenceOf(branch) ?? "");
  return { schemas: names.map((name) => objectAt(definitions, name)), definitions, warnings };
}

/** The examples a schema brings itself. */
export function examplesOf({ examples }: JsonObject): ReadonlyMap<string, Json> {
  const list: readonly Json[] = Array.isArray(examples) ? examples.slice(0, maxExamples) : [];
  return new Map(list.map((data, index) => [`example-${index + 1}`, data]));
}

const maxExamples = 20;
