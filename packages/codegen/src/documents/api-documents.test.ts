import { Parser } from "@asyncapi/parser";
import { validate } from "@hyperjump/json-schema/openapi-3-1";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { formats } from "../formats.ts";
import { githubCatalog, hostileCatalog, ownCatalog } from "../test-support/catalogs.ts";
import { renderAsyncApi } from "./asyncapi.ts";
import type { Catalog } from "./catalog.ts";
import { renderOpenApi } from "./openapi.ts";

const github = githubCatalog();
const catalogs: readonly (readonly [string, Catalog])[] = [
  ["this repository's contracts", await ownCatalog()],
  ["contracts with hostile texts", hostileCatalog()],
  ["GitHub's contracts", github],
];

const specification = "https://spec.openapis.org/oas/3.1/schema-base";

interface Example {
  readonly value: Json;
  readonly schema: string;
}

/** Compiling GitHub's schemas takes seconds. */
const compilers = new WeakMap<JsonObject, Ajv2020>();

function compilerOf(document: JsonObject): Ajv2020 {
  const options = { strict: false, logger: false, inlineRefs: false, formats: { ...formats } } as const;
  return new Ajv2020(options).addSchema(document, "document");
}

/** Validates each example by the schema that stands beside it in the same document. */
function faultsOf(document: JsonObject, examples: readonly Example[]): readonly unknown[] {
  const ajv = compilers.get(document) ?? compilerOf(document);
  compilers.set(document, ajv);
  return examples.flatMap(({ value, schema }): readonly unknown[] => {
    const check = ajv.getSchema(`document${schema}`);
    if (check === undefined) return [`no ${schema}`];
    return check(value) ? [] : [{ value, errors: check.errors }];
  });
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly deprecated?: boolean;
  readonly parameters: readonly { name: string; example: string; schema: JsonObject }[];
  readonly requestBody: {
    readonly content: {
      readonly "application/json": {
        readonly schema: { readonly $ref: string };
        readonly examples: Readonly<Record<string, { readonly value: JsonObject }>>;
      };
    };
  };
  readonly responses: JsonObject;
}

function operationsOf(document: JsonObject): ReadonlyMap<string, Operation> {
  const webhooks = document["webhooks"] as unknown as Readonly<Record<string, { readonly post: Operation }>>;
  return new Map(Object.entries(webhooks).map(([key, { post }]) => [key, post]));
}

function openApiExamples(document: JsonObject): readonly Example[] {
  return [...operationsOf(document).values()].flatMap(({ requestBody }) => {
    const { schema, examples } = requestBody.content["application/json"];
    return Object.values(examples).map(({ value }) => ({ value, schema: schema.$ref }));
  });
}

/** Everything a document refers to. */
function referencesOf(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (!isObject(value)) return [];
  const own = value["$ref"];
  return [...(typeof own === "string" ? [own] : []), ...Object.values(value).flatMap(referencesOf)];
}

describe.each(catalogs)("renderOpenApi of %s", (_title, catalog) => {
  const document = renderOpenApi(catalog);

  it("is valid by the specification's own schema", async () => {
    const output = await validate(specification, document as never, "DETAILED");
    expect(output).toMatchObject({ valid: true });
    const broken = { ...document, webhooks: { broken: { post: { parameters: [{ name: "x" }] } } } };
    expect(await validate(specification, broken as never, "FLAG")).toMatchObject({ valid: false });
  });

  it("has a webhook for each event type and major", () => {
    const majors = catalog.events.flatMap(({ type, versions }) =>
      [...new Set(versions.map(({ major }) => major))].map((major, age) =>
        age === 0 ? type : `${type}.v${major}`,
      ),
    );
    const operations = operationsOf(document);
    expect([...operations.keys()]).toEqual(majors);
    expect(new Set([...operations.values()].map(({ operationId }) => operationId)).size).toBe(majors.length);
  });

  it("holds examples that its own schemas accept, as they are and with members of a newer minor", () => {
    const examples = openApiExamples(document);
    const count = catalog.events.flatMap(({ versions }) => versions.flatMap((one) => one.examples)).length;
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.length).toBeLessThanOrEqual(count);
    expect(faultsOf(document, examples)).toEqual([]);
    const newer = examples.map(({ value, schema }) => ({ schema, value: withUnknownMembers(value) }));
    expect(faultsOf(document, newer)).toEqual([]);
  });

  it("refuses an example whose data has lost a required member", () => {
    const broken = openApiExamples(document).map(({ value, schema }) => ({
      schema,
      value: { ...(value as JsonObject), data: {} },
    }));
    expect(faultsOf(document, broken)).toHaveLength(broken.length);
  });

  it("gives examples of headers that fit their schemas", () => {
    const ajv = new Ajv2020({ strict: false });
    for (const { parameters } of operationsOf(document).values())
      for (const { schema, example } of parameters) expect(ajv.validate(schema, example)).toBe(true);
  });

  it("refers only to what it defines, and defines nothing else", () => {
    const { schemas } = document["components"] as { schemas: JsonObject };
    const names = referencesOf(document).map((reference) => reference.replace("#/components/schemas/", ""));
    expect([...new Set(names)].toSorted()).toEqual(Object.keys(schemas).toSorted());
    for (const name of names) expect(name).toMatch(/^[\w.-]+$/);
  });

  it("tells what each answer brings about", () => {
    for (const { responses } of operationsOf(document).values())
      expect(Object.keys(responses).toSorted()).toEqual(["2XX", "410", "default"]);
  });

  it("is the same for the same catalogue, and another version for another", () => {
    expect(renderOpenApi(structuredClone(catalog))).toEqual(document);
    const other = renderOpenApi({ ...catalog, source: "other" });
    expect(other["info"]).not.toEqual(document["info"]);
  });
});

describe("renderOpenApi", () => {
  it("marks what is deprecated", () => {
    const hostile = operationsOf(renderOpenApi(hostileCatalog()));
    expect(hostile.get("door.opened")?.deprecated).toBe(true);
    expect(hostile.get("door.opened.v1")?.deprecated).toBeUndefined();
    const headers = hostile.get("door.opened")?.parameters.map(({ name }) => name);
    expect(headers).toEqual(expect.arrayContaining(["deprecation", "sunset", "link"]));
  });

  it("keeps apart definitions of one name and two meanings, and shares those of one", () => {
    const hostile = hostileCatalog();
    const { schemas } = renderOpenApi(hostile)["components"] as { schemas: JsonObject };
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining(["Thing", "DoorShutThing"]));
    expect(Object.keys(schemas).filter((name) => name.includes("Thing"))).toHaveLength(2);
  });

  it("takes any string where an enum is open", () => {
    const document = renderOpenApi(hostileCatalog());
    const example = openApiExamples(document)[0]!;
    const value = structuredClone(example.value) as { data: { object: Record<string, unknown> } };
    value.data.object["grows"] = "b";
    expect(faultsOf(document, [{ ...example, value: value as unknown as Json }])).toEqual([]);
    value.data.object["grows"] = 1;
    expect(faultsOf(document, [{ ...example, value: value as unknown as Json }])).toHaveLength(1);
  });
});

describe.each(catalogs)("renderAsyncApi of %s", (_title, catalog) => {
  const document = renderAsyncApi(catalog);
  // The parser takes a second for each of GitHub's events.
  const events = catalog === github ? catalog.events.slice(0, 3) : catalog.events;

  it("is valid by AsyncAPI's own parser, without a warning", async () => {
    const few = renderAsyncApi({ ...catalog, events });
    const parsed = await new Parser().parse(JSON.stringify(few));
    expect(parsed.diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
    expect(
      parsed.document
        ?.channels()
        .all()
        .map((channel) => channel.id()),
    ).toEqual(events.map(({ type }) => type));
    expect(parsed.document?.operations().filterBySend()).toHaveLength(events.length);
  });

  it("holds examples that its own schemas accept", () => {
    const { messages } = document["components"] as unknown as {
      messages: Readonly<Record<string, Message>>;
    };
    const payloads = Object.values(messages).flatMap(({ payload, examples }) =>
      examples.map((example) => ({ value: example.payload, schema: payload.$ref })),
    );
    expect(payloads.length).toBeGreaterThan(0);
    const ajvDocument = JSON.parse(
      JSON.stringify(document).replaceAll(/,?"discriminator":"\w+"/g, ""),
    ) as JsonObject;
    expect(faultsOf(ajvDocument, payloads)).toEqual([]);
    const headers = Object.entries(messages).flatMap(([key, { examples }]) =>
      examples.map((example) => ({
        value: example.headers,
        schema: `#/components/messages/${key}/headers`,
      })),
    );
    expect(faultsOf(ajvDocument, headers)).toEqual([]);
    for (const { examples } of Object.values(messages))
      for (const example of examples) expect(example.headers["webhook-id"]).toBe(example.payload["id"]);
  });
});

interface Message {
  readonly payload: { readonly $ref: string };
  readonly examples: readonly { readonly headers: JsonObject; readonly payload: JsonObject }[];
}

/** Adds members where a newer minor may. */
function withUnknownMembers(value: Json): Json {
  const event = value as { readonly data: JsonObject };
  const inner = Object.entries(event.data).filter(([name]) =>
    ["object", "repository", "sender"].includes(name),
  );
  const extended = inner.map(([name, member]) => [name, { ...(member as JsonObject), a_member_of_later: 1 }]);
  const data = { ...event.data, ...Object.fromEntries(extended), later: [] };
  return { ...(value as JsonObject), later: true, data };
}
