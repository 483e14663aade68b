import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import { bundle } from "../normalise/bundle.ts";
import { ContractsError } from "../problem.ts";
import type { Sources } from "../sources.ts";
import { importSchema } from "./import-schema.ts";

const require = createRequire(import.meta.url);
const options = { package: "@acme/events", source: "acme" };
const typesOf = (sources: Sources) =>
  [...sources.keys()]
    .filter((file) => file.endsWith("/schema.json"))
    .map((file) => file.slice(0, -"/schema.json".length));
const documentsOf = (sources: Sources) =>
  new Map([...sources].map(([file, text]) => [file, JSON.parse(text) as Json]));
const contractOf = (sources: Sources, type: string) =>
  JSON.parse(sources.get(`${type}/schema.json`) ?? "null") as JsonObject;
const string = { type: "string" };

describe("importSchema", () => {
  it.each([
    ["own/schema.json", "OrderPlaced", "order_placed"],
    ["own/x.json", "order.placed", "order.placed"],
    ["own/order.placed.json", "What an order is", "order.placed"],
    ["own/schema.json", "An order", "an_order"],
    ["order.placed/schema.json", undefined, "order.placed"],
    ["schema.json", undefined, "schema"],
  ])("calls the one event of %s, titled %j, %s", (file, title, type) => {
    const document = {
      ...(title === undefined ? {} : { title }),
      type: "object",
      properties: { id: string },
    };
    const { sources } = importSchema(document, { ...options, file });
    expect(typesOf(sources)).toEqual([type]);
    if (title === type)
      expect(contractOf(sources, type)["x-event"]).toMatchObject({
        summary: `Describe ${type} in a few words`,
      });
  });

  it("follows unions of references to the single events, and gives each a contract", () => {
    const { sources, warnings } = importSchema(
      {
        $schema: "http://json-schema.org/draft-07/schema#",
        oneOf: [{ $ref: "#/definitions/door_event" }, { $ref: "#/definitions/lamp$lit" }],
        definitions: {
          door_event: {
            anyOf: [{ $ref: "#/definitions/door$opened" }, { $ref: "#/definitions/door$closed" }],
          },
          door$opened: {
            type: "object",
            title: "A door opened",
            properties: { door: { $ref: "#/definitions/Door" } },
          },
          door$closed: { type: "object", properties: { door: { $ref: "#/definitions/Door" } } },
          lamp$lit: { type: "object", properties: { lamp: { $ref: "#/definitions/lamp" } } },
          Door: { type: "object", properties: { id: { $ref: "#/definitions/id" } } },
          lamp: { type: "object", properties: { watts: { type: "number" } } },
          id: string,
        },
      },
      options,
    );
    expect(warnings).toEqual([]);
    expect([...sources.keys()]).toEqual([
      "hooks.schemas.json",
      "common/door.schema.json",
      "common/id.schema.json",
      "door.opened/schema.json",
      "door.closed/schema.json",
      "lamp.lit/schema.json",
    ]);
    expect(contractOf(sources, "door.opened")).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "door.opened",
      "x-event": {
        version: "1.0.0",
        group: "door",
        summary: "A door opened",
        trigger: "Describe when door.opened fires.",
        payload: "full",
      },
      type: "object",
      properties: { door: { $ref: "../common/door.schema.json" } },
    });
    expect(contractOf(sources, "lamp.lit")).toMatchObject({
      properties: { lamp: { $ref: "#/$defs/lamp" } },
      $defs: { lamp: { properties: { watts: { type: "number" } } } },
    });
    expect(JSON.parse(sources.get("common/door.schema.json") ?? "")).toMatchObject({
      properties: { id: { $ref: "id.schema.json" } },
    });
  });

  it.each<[string, JsonObject, readonly string[]]>([
    ["the root, called like its file", { type: "object" }, ["invoice_paid"]],
    ["the root, by its tag", { properties: { type: { const: "invoice.paid" } } }, ["invoice.paid"]],
    ["what the root refers to", { $ref: "#/$defs/A", $defs: { A: string } }, ["a"]],
    [
      "definitions that nothing refers to",
      { $defs: { "x.y": { items: { $ref: "#/$defs/z" } }, z: string } },
      ["x.y"],
    ],
    [
      "inline branches with a tag",
      { oneOf: [{ properties: { type: { const: "a.b" } } }, { properties: { type: { enum: ["a.c"] } } }] },
      ["a.b", "a.c"],
    ],
    ["a union of shapes, as one event", { oneOf: [{ type: "object" }, { type: "array" }] }, ["invoice_paid"]],
  ])("takes %s", (_, document, types) => {
    expect(typesOf(importSchema(document, { ...options, file: "InvoicePaid.schema.json" }).sources)).toEqual(
      types,
    );
  });

  it("says what it left out, how often, and where it stood first", () => {
    const { sources, warnings } = importSchema(
      {
        type: "object",
        properties: { tsType: { tsType: "A" }, b: { tsType: "B", "x-odd": 1, "x-sensitive": "pii" } },
      },
      { ...options, file: "events.json" },
    );
    expect(warnings.map(({ file, pointer, message }) => `${file}#${pointer} ${message}`)).toEqual([
      "events.json#/properties/tsType/tsType tsType means nothing in a contract and was left out (2 times).",
      "events.json#/properties/b/x-odd x-odd means nothing in a contract and was left out (once).",
    ]);
    expect(contractOf(sources, "events")["properties"]).toEqual({ tsType: {}, b: { "x-sensitive": "pii" } });
  });

  it("keeps the schema's own examples, but for those that do not fit it", () => {
    const document = {
      type: "object",
      properties: { id: string },
      examples: [{ id: "a" }, { id: 1 }],
    };
    const { sources, warnings } = importSchema(document, options);
    expect(JSON.parse(sources.get("schema/examples/example-1.json") ?? "")).toEqual({ id: "a" });
    expect(warnings.map(({ code, file }) => [code, file])).toEqual([
      ["dropped_example", "schema/examples/example-2.json"],
    ]);
    expect(sources.has("schema/examples/example-2.json")).toBe(false);
  });

  it.each<[string, unknown, string]>([
    ["no object", [], "invalid_schema"],
    [
      "a reference to elsewhere",
      { properties: { a: { $ref: "https://example.com/a.json" } } },
      "remote_reference",
    ],
    ["a reference to nowhere", { properties: { a: { $ref: "#/$defs/a" } } }, "unresolved_reference"],
    ["a root that refers to nowhere", { $ref: "#/$defs/a" }, "unresolved_reference"],
    ["a circle", { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } }, "reference_cycle"],
    [
      "a union without end",
      { oneOf: Array.from({ length: 200_000 }, () => ({ $ref: "#/$defs/a" })), $defs: { a: {} } },
      "too_many_events",
    ],
    [
      "a union that contains itself",
      { oneOf: [{ $ref: "#/$defs/a" }], $defs: { a: { oneOf: [{ $ref: "#/$defs/a" }] } } },
      "no_event_types",
    ],
  ])("refuses %s", (_, document, code) => {
    const refuse = () => importSchema(document, options);
    expect(refuse).toThrow(ContractsError);
    expect(refuse).toThrow(`[${code}]`);
  });

  it.each(["/tmp/a b/ü#.json", "../x/schema.json", String.raw`C:\x\schema.json`])(
    "does not mind the path %s",
    (file) => {
      const document = {
        $ref: "#/$defs/a.b",
        $defs: { "a.b": { properties: { c: { $ref: "#/$defs/c" } } }, c: string },
      };
      expect(typesOf(importSchema(document, { ...options, file }).sources)).toEqual(["a.b"]);
    },
  );

  it("does not mind how far unions lead on", () => {
    const length = 4_000;
    const chain = Array.from({ length }, (_, index) => [
      `d${index}`,
      index === length - 1 ? { type: "object" } : { oneOf: [{ $ref: `#/$defs/d${index + 1}` }] },
    ]);
    const document = { oneOf: [{ $ref: "#/$defs/d0" }], $defs: Object.fromEntries(chain) };
    expect(typesOf(importSchema(document, options).sources)).toEqual([`d${length - 1}`]);
  });

  it("refuses or imports whatever looks like a schema, and imports only what can be bundled", () => {
    const name = fc.constantFrom("a", "A.b", "__proto__", "constructor", "../x", "a/b~c%41#", "");
    const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
      schema: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom<unknown>(true, false, {}, null, [], { type: "object" }, { enum: ["x"] }),
        name.map((one) => ({
          $ref: `#/$defs/${encodeURIComponent(one.replaceAll("~", "~0").replaceAll("/", "~1"))}`,
        })),
        fc.array(tie("schema"), { maxLength: 3 }).map((oneOf) => ({ oneOf })),
        fc.array(fc.tuple(name, tie("schema")), { maxLength: 3 }).map((entries) => ({
          type: "object",
          properties: Object.fromEntries(entries),
          odd: 1,
        })),
        tie("schema").map((items) => ({ items, examples: [1] })),
      ),
    }));
    const document = fc
      .tuple(schema, fc.array(fc.tuple(name, schema), { maxLength: 4 }))
      .map(([root, entries]) => ({
        ...(typeof root === "object" && root !== null && !Array.isArray(root) ? root : {}),
        $defs: Object.fromEntries(entries),
      }));
    let imported = 0;
    fc.assert(
      fc.property(document, (one) => {
        const attempt = () => {
          try {
            return importSchema(JSON.parse(JSON.stringify(one)), options).sources;
          } catch (error) {
            expect(error).toBeInstanceOf(ContractsError);
            return undefined;
          }
        };
        const sources = attempt();
        if (sources === undefined) return;
        imported++;
        const documents = documentsOf(sources);
        for (const type of typesOf(sources))
          expect(bundle(`${type}/schema.json`, { documents }).ok, JSON.stringify(one)).toBe(true);
      }),
      { seed: 11, numRuns: 400 },
    );
    expect(imported).toBeGreaterThan(100);
  });

  it("imports a schema that contains itself", () => {
    const { sources } = importSchema(
      { $ref: "#/$defs/node", $defs: { node: { properties: { next: { $ref: "#/$defs/node" } } } } },
      options,
    );
    expect(bundle("node/schema.json", { documents: documentsOf(sources) }).ok).toBe(true);
  });
});

describe("importSchema of GitHub's events", () => {
  const document = require("@octokit/webhooks-schemas") as JsonObject;
  const examples = require("@octokit/webhooks-examples/api.github.com/index.json") as readonly {
    readonly name: string;
    readonly examples: readonly JsonObject[];
  }[];
  const { sources, warnings } = importSchema(document, { ...options, file: "schema.json" });

  it("finds all of them, and drops only what is no validation", () => {
    expect(typesOf(sources)).toHaveLength(224);
    expect(typesOf(sources)).toEqual(expect.arrayContaining(["issues.closed", "push", "check_run.created"]));
    expect(warnings.map(({ message }) => message.split(" ")[0])).toEqual([
      "tsAdditionalProperties",
      "readOnly",
    ]);
  });

  it("makes the same files of the same document", () => {
    expect([...importSchema(document, options).sources]).toEqual([...sources]);
  });

  it("means what the document means, for every published payload", () => {
    const plain = new Ajv({ strict: false, validateFormats: true, inlineRefs: false });
    addFormats.default(plain);
    plain.addSchema(document, "all");
    const modern = new Ajv2020({ strict: false, validateFormats: true, inlineRefs: false });
    addFormats.default(modern);
    // Compiled as one document: one by one, what they share would be compiled hundreds of times.
    modern.addSchema({ $defs: bundledTogether() }, "all");
    const imported = (type: string) => modern.getSchema(`all#/$defs/${type}`);
    let valid = 0;
    let invalid = 0;
    for (const { name, examples: payloads } of examples) {
      for (const payload of payloads) {
        const action = typeof payload["action"] === "string" ? payload["action"] : "event";
        const original = plain.getSchema(`all#/definitions/${name}$${action}`);
        if (original === undefined) continue;
        const verdict = imported(action === "event" ? name : `${name}.${action}`)?.(payload);
        expect(verdict, `${name} ${action}`).toBe(original(payload));
        if (verdict) valid++;
        else invalid++;
      }
    }
    expect(valid).toBeGreaterThan(200);
    expect(invalid).toBeGreaterThan(20);
  });

  /** Every event type, and every definition that any of them has; no name of a definition is that of a type. */
  function bundledTogether(): JsonObject {
    const all = new Map<string, Json>();
    const documents = documentsOf(sources);
    for (const type of typesOf(sources)) {
      const bundled = bundle(`${type}/schema.json`, { documents });
      if (!bundled.ok) throw new ContractsError(bundled.problems);
      const { $defs = {}, ...root } = bundled.schema;
      for (const [name, definition] of [...Object.entries($defs as JsonObject), [type, root] as const]) {
        const known = all.get(name) ?? definition;
        expect(JSON.stringify(definition) === JSON.stringify(known), name).toBe(true);
        all.set(name, definition);
      }
    }
    return Object.fromEntries(all);
  }
});
