import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { generate, importSchema } from "@hooks/codegen";
import { contracts } from "@hooks/contracts/producer";
import { invalidExamples } from "@hooks/contracts/fixtures";
import type { Dialect } from "./peers/contracts-validators.ts";

/** Event types, their schemas, and payloads to judge. */
export interface Corpus {
  readonly name: string;
  /** Module that exports the generated `table` of consumers' validators. */
  readonly generated: string;
  readonly dialect: Dialect;
  /** Event type to a self-contained JSON Schema. */
  readonly schemas: Readonly<Record<string, unknown>>;
  readonly payloads: readonly Payload[];
}

export interface Payload {
  readonly type: string;
  readonly data: unknown;
}

interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** The events of this repository: small, strict and with many bounds. */
export function ownCorpus(): Corpus {
  const types = Object.values(contracts.eventTypes);
  return {
    name: "our events",
    generated: new URL("generated/open.js", import.meta.resolve("@hooks/contracts")).href,
    dialect: "2020-12",
    schemas: Object.fromEntries(types.map(({ type, schema }) => [type, schema])),
    payloads: [
      ...types.flatMap(({ type, examples }) => examples.map((data) => ({ type, data }))),
      ...types.flatMap(({ type }) =>
        (invalidExamples[type as keyof typeof invalidExamples] ?? []).map(({ data }) => ({ type, data })),
      ),
    ],
  };
}

/** GitHub's events: large, with much in common. Generates their package below `folder`. */
export async function githubCorpus(folder: string): Promise<Corpus> {
  const require = createRequire(import.meta.url);
  const document = require("@octokit/webhooks-schemas") as JsonSchema;
  const examples = require("@octokit/webhooks-examples") as readonly {
    name: string;
    examples: JsonSchema[];
  }[];
  await writeGithubSchemas(folder);
  const out = join(folder, "package");
  const files = await generate({
    schemas: join(folder, "schemas"),
    out,
    name: "github-events",
    package: true,
  });
  const types = Object.keys(JSON.parse(files.get("catalog.json") ?? "{}") as object);
  const definitions = document["definitions"];
  const schemas = types.map((type): [string, unknown] => {
    const name = type.includes(".") ? type.replace(".", "$") : `${type}$event`;
    return [type, { $schema: document["$schema"], $ref: `#/definitions/${name}`, definitions }];
  });
  return {
    name: "GitHub's events",
    generated: `file://${join(out, "dist/open.js")}`,
    dialect: "draft-07",
    schemas: Object.fromEntries(schemas),
    payloads: examples
      .flatMap(({ name, examples }) =>
        examples.map((data) => ({
          type: typeof data["action"] === "string" ? `${name}.${data["action"]}` : name,
          data,
        })),
      )
      .filter(({ type }) => types.includes(type)),
  };
}

/** Writes GitHub's schemas as a folder of contracts, `folder/schemas`. */
export async function writeGithubSchemas(folder: string): Promise<void> {
  const document: unknown = createRequire(import.meta.url)("@octokit/webhooks-schemas");
  const { sources } = importSchema(document, { package: "github-events", source: "github" });
  for (const [file, text] of sources) {
    await mkdir(dirname(join(folder, "schemas", file)), { recursive: true });
    await writeFile(join(folder, "schemas", file), text);
  }
}
