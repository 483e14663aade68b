import { createRequire } from "node:module";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { importSchema } from "../import/import-schema.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Sources } from "../sources.ts";

/** The schemas GitHub's community keeps of its webhooks, and real payloads of GitHub and of its server product. */
const require = createRequire(import.meta.url);
const document = require("@octokit/webhooks-schemas") as JsonObject;
const sets = ["api.github.com", "ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"];

/** The corpus as a folder of schemas, just as anybody's document would be imported. */
export function githubSources(): { readonly sources: Sources; readonly warnings: readonly string[] } {
  const { sources, warnings } = importSchema(document, { package: "@octokit/events", source: "github" });
  return { sources, warnings: warnings.map(({ code }) => code) };
}

export interface Payload {
  /** The contract that describes it, such as `issues.opened`. */
  readonly type: string;
  /** Which of GitHub's products sent it; `api.github.com` is the one the schemas are for. */
  readonly from: string;
  readonly data: Json;
}

interface Examples {
  readonly name: string;
  readonly examples: readonly JsonObject[];
}

/** Every published payload that one of the event types describes. */
export function githubPayloads(types: ReadonlySet<string>): readonly Payload[] {
  return sets.flatMap((from) =>
    (require(`@octokit/webhooks-examples/${from}/index.json`) as readonly Examples[]).flatMap(
      ({ name, examples }) =>
        examples
          .map((data) => ({ type: typeOf(name, data), from, data }))
          .filter(({ type }) => types.has(type)),
    ),
  );
}

function typeOf(name: string, { action }: JsonObject): string {
  return typeof action === "string" ? `${name}.${action}` : name;
}

/** What plain ajv says of a payload by the document itself: nothing, or the keywords that failed. */
export function createPlainCheck(): (payload: Payload) => readonly string[] {
  const ajv = new Ajv({ strict: false, inlineRefs: false, allErrors: true, logger: false });
  addFormats.default(ajv);
  ajv.addSchema(document, "github");
  return ({ type, data }) => {
    const name = type.replace(".", "$");
    const known = ajv.getSchema(`github#/definitions/${encodeURIComponent(name)}`);
    const check = known ?? ajv.getSchema(`github#/definitions/${encodeURIComponent(`${name}$event`)}`);
    if (check === undefined) throw new Error(`There is no definition of ${type}.`);
    return check(data) === true ? [] : (check.errors ?? []).map(({ keyword }) => keyword);
  };
}
