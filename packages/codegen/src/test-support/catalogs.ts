import { fileURLToPath } from "node:url";
import { compile } from "../compile.ts";
import { catalogOfProject, createCatalog, type Catalog } from "../documents/catalog.ts";
import { ContractsError } from "../problem.ts";
import { readProject } from "../read-project.ts";
import { readSources } from "../read-sources.ts";
import type { Sources } from "../sources.ts";
import { bundleGithub, githubEvents } from "./octokit.ts";

const schemas = fileURLToPath(new URL("../../../../schemas", import.meta.url));

/** The catalogue of a folder of schemas; throws with its problems. */
export function catalogOfSources(sources: Sources): Catalog {
  const read = readProject(sources);
  if (!read.ok) throw new ContractsError(read.problems);
  return catalogOfProject(read.project);
}

/** The catalogue of this repository's own schemas. */
export async function ownCatalog(): Promise<Catalog> {
  return catalogOfSources(await readSources(schemas));
}

/** Some of GitHub's events, with a few of its real payloads as examples that are valid by its schemas. */
export function githubCatalog(): Catalog {
  const names = ["check_run", "deployment", "fork", "issues", "pull_request", "push", "workflow_job"];
  const few = githubEvents.filter(({ name }) => names.includes(name));
  const contracts = few.map(({ name, definition, payloads }) => {
    const schema = bundleGithub(definition);
    const { check } = compile(schema, "closed");
    return {
      type: name,
      latest: "1.0.0",
      versions: ["1.0.0"],
      group: name.split("_")[0] ?? name,
      summary: `GitHub's ${name}`,
      trigger: "See GitHub's documentation.",
      lifecycle: "stable",
      payload: "full" as const,
      schema,
      examples: payloads.filter((payload) => check(payload)).slice(0, 3),
    };
  });
  const eventTypes = Object.fromEntries(contracts.map((contract) => [contract.type, contract]));
  return createCatalog({ name: "@acme/github", source: "github", eventTypes });
}

/** Texts that break out of HTML, Markdown, JSON, shells or comments where they are not escaped. */
export const hostileText =
  "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`${1+1}\n# Not a heading\n" +
  "[link](javascript:alert(3)) | cell */ --> $(touch /tmp/x) \\ ]]> {{x}} ```\n- item & &amp; \u2028";

/** Two event types whose every text is hostile, and whose definitions have one name and two meanings. */
export function hostileCatalog(): Catalog {
  const contract = (type: string, definition: object) => ({
    type,
    latest: "2.0.0",
    versions: ["1.0.0", "2.0.0"],
    group: `group ${hostileText}`,
    summary: hostileText,
    trigger: hostileText,
    lifecycle: "deprecated",
    payload: "full" as const,
    schema: {
      title: hostileText,
      description: hostileText,
      "x-lifecycle": "deprecated",
      "x-deprecation": {
        effective: "2026-01-01T00:00:00Z",
        removal: "2027-01-01T00:00:00Z",
        alternative: hostileText,
        documentation: "javascript:alert(4)",
      },
      "x-feature-flag": [hostileText],
      type: "object",
      required: ["object"],
      properties: {
        object: {
          description: hostileText,
          type: "object",
          properties: {
            [hostileText]: { description: hostileText, enum: [hostileText, 1, null, true] },
            ref: { $ref: "#/$defs/thing", description: hostileText },
            grows: { description: "Grows.", type: "string", enum: ["a"], "x-open-enum": true },
          },
          required: ["ref"],
        },
      },
      $defs: { thing: definition },
    },
    olderSchemas: {
      "1.0.0": {
        type: "object",
        required: ["object"],
        properties: { object: { $ref: "#/$defs/thing" } },
        $defs: { thing: definition },
        examples: [{ object: { next: { text: hostileText } } }],
      },
    },
    examples: [{ object: { ref: { text: hostileText }, [hostileText]: hostileText } }],
  });
  const text = { type: "string", description: hostileText, default: hostileText, examples: [hostileText] };
  const next = { $ref: "#/$defs/thing" };
  const list = [
    contract("door.opened", { type: "object", properties: { text, next } }),
    contract("door.shut", { type: "object", properties: { text, next }, additionalProperties: false }),
  ];
  return createCatalog({
    name: "@acme/events",
    source: "acme",
    eventTypes: Object.fromEntries(list.map((one) => [one.type, one])),
  });
}
