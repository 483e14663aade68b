import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Json, JsonObject } from "../json.ts";
import { bundle } from "../normalise/bundle.ts";

/** The payloads of one of GitHub's events, and the name of its schema in `schema.definitions`. */
export interface RealEvent {
  readonly name: string;
  readonly definition: string;
  readonly payloads: readonly Json[];
}

const require = createRequire(import.meta.url);

/** GitHub's event schemas (draft-07) as the community describes them; they can be read by ajv as they are. */
export const githubSchema = readJsonFile("@octokit/webhooks-schemas/schema.json") as JsonObject & {
  readonly definitions: JsonObject;
};

/** Payloads GitHub really sent; many of them are invalid by the schemas. */
export const githubEvents: readonly RealEvent[] = (
  readJsonFile("@octokit/webhooks-examples/api.github.com/index.json") as unknown as readonly {
    readonly name: string;
    readonly examples: readonly Json[];
  }[]
).map(({ name, examples }) => ({ name, definition: definitionOf(name), payloads: examples }));

/** The bundled schema of one event. */
export function bundleGithub(definition: string): JsonObject {
  const documents = new Map<string, Json>([
    ["schema.json", githubSchema],
    ["event.json", { $ref: `schema.json#/definitions/${definition}` }],
  ]);
  const bundled = bundle("event.json", { documents });
  if (!bundled.ok) throw new Error(JSON.stringify(bundled.problems));
  return bundled.schema;
}

function definitionOf(name: string): string {
  const names = [`${name}_event`, `${name}$event`];
  return names.find((one) => Object.hasOwn(githubSchema.definitions, one)) ?? name;
}

function readJsonFile(specifier: string): Json {
  return JSON.parse(readFileSync(require.resolve(specifier), "utf8")) as Json;
}
