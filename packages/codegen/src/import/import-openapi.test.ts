import { describe, expect, it } from "vitest";
import { catalogOfProject } from "../documents/catalog.ts";
import { renderOpenApi } from "../documents/openapi.ts";
import type { JsonObject } from "../json.ts";
import { ContractsError } from "../problem.ts";
import { readProject } from "../read-project.ts";
import { sourcesWith } from "../test-support/sources.ts";
import { importOpenApi } from "./import-openapi.ts";
import { parseDocument } from "./parse-document.ts";

const options = { package: "@acme/events", source: "acme" };
const body = (media: JsonObject, type = "application/json") => ({
  requestBody: { content: { [type]: media } },
});
const read = (files: ReadonlyMap<string, string>, file: string) => JSON.parse(files.get(file) ?? "null");
const operation = (operationId: string) => ({
  post: { operationId, ...body({ schema: { type: "object" } }) },
});
const importYaml = (text: string) => importOpenApi(parseDocument(text, "openapi.yaml"), options);

describe("importOpenApi", () => {
  it("makes a contract of each webhook, with its words and examples", () => {
    const { sources, warnings } = importYaml(`
openapi: 3.1.0
webhooks:
  doorOpened:
    post:
      summary: A door was opened
      description: Fires when somebody came in.
      requestBody:
        content:
          application/json; charset=utf-8:
            schema: { $ref: "#/components/schemas/Door" }
            examples:
              front door: { value: { id: d1 } }
              wrong: { value: { id: 1 } }
              elsewhere: { $ref: "#/components/examples/Back" }
  lamp-lit:
    $ref: "#/components/pathItems/Lamp"
components:
  schemas:
    Door: { type: object, required: [id], properties: { id: { type: string, xml: { name: a } } } }
  examples: { Back: { value: { id: d2 } } }
  pathItems:
    Lamp: { post: { requestBody: { $ref: "#/components/requestBodies/Lamp" } } }
  requestBodies:
    Lamp: { content: { application/vnd.acme+json: { schema: { type: object, properties: { door: { $ref: "#/components/schemas/Door" } } } } } }
`);
    expect([...sources.keys()]).toEqual([
      "hooks.schemas.json",
      "door_opened/schema.json",
      "door_opened/examples/front-door.json",
      "door_opened/examples/elsewhere.json",
      "lamp_lit/schema.json",
    ]);
    expect(read(sources, "door_opened/schema.json")).toMatchObject({
      "x-event": { summary: "A door was opened", trigger: "Fires when somebody came in." },
      required: ["id"],
    });
    expect(warnings.map(({ code, pointer }) => [code, pointer])).toEqual([
      ["dropped_keyword", "/components/schemas/Door/properties/id/xml"],
      ["dropped_example", ""],
    ]);
  });

  it("reads 3.0 as it was meant: nullable, exclusive bounds, and nothing beside a reference", () => {
    const properties = {
      nullable: { type: "string", nullable: true, enum: ["a"] },
      amount: { type: "number", minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
      owner: { nullable: true, allOf: [{ $ref: "#/components/schemas/Owner" }] },
      other: { $ref: "#/components/schemas/Owner", type: "string" },
      example: { type: "string", example: "x" },
    };
    const { sources } = importOpenApi(
      {
        openapi: "3.0.3",
        "x-webhooks": { "door.opened": { post: body({ schema: { type: "object", properties } }) } },
        components: { schemas: { Owner: { type: "object", properties: {} } } },
      },
      options,
    );
    const reference = { $ref: "#/$defs/Owner" };
    expect(read(sources, "door.opened/schema.json").properties).toEqual({
      nullable: { type: ["string", "null"], enum: ["a", null] },
      amount: { type: "number", exclusiveMinimum: 0, maximum: 9 },
      owner: { anyOf: [{ allOf: [reference] }, { type: "null" }] },
      other: reference,
      example: { type: "string", examples: ["x"] },
    });
  });

  it("makes a contract of each branch of a union of events", () => {
    const { sources } = importOpenApi(
      {
        openapi: "3.1.0",
        webhooks: {
          all: {
            post: body({
              schema: {
                oneOf: [
                  { $ref: "#/components/schemas/DoorOpened" },
                  { $ref: "#/components/schemas/DoorShut" },
                ],
              },
            }),
          },
        },
        components: { schemas: { DoorOpened: { type: "object" }, DoorShut: { type: "object" } } },
      },
      options,
    );
    expect([...sources.keys()]).toEqual([
      "hooks.schemas.json",
      "door_opened/schema.json",
      "door_shut/schema.json",
    ]);
  });

  it("takes the segments of an event type from operationId where it says the same", () => {
    const webhooks = {
      "issue-comment-created": operation("issue-comment/created"),
      push: operation("on-push"),
    };
    const { sources } = importOpenApi({ openapi: "3.1.0", webhooks }, options);
    expect([...sources.keys()].slice(1)).toEqual(["issue_comment.created/schema.json", "push/schema.json"]);
  });

  it("brings back the contracts of which an OpenAPI document was made", () => {
    const project = readProject(sourcesWith());
    if (!project.ok) throw new ContractsError(project.problems);
    const { sources } = importOpenApi(renderOpenApi(catalogOfProject(project.project)), options);
    const original = JSON.parse(sourcesWith().get("door.opened/schema.json") ?? "null") as JsonObject;
    const { required, properties } = read(sources, "door.opened/schema.json");
    expect(required).toEqual(original["required"]);
    expect(properties).toEqual(original["properties"]);
    expect(read(sources, "door.opened/examples/example-1.json")).toEqual({ object: { id: "d1", by: "key" } });
  });

  it.each<[string, unknown, string]>([
    ["another document", { swagger: "2.0" }, "not_openapi"],
    ["a list", [], "not_openapi"],
    ["a document without webhooks", { openapi: "3.1.0", paths: {} }, "no_event_types"],
    [
      "a webhook in XML",
      { openapi: "3.1.0", webhooks: { a: { post: body({ schema: {} }, "text/xml") } } },
      "no_event_types",
    ],
    [
      "a webhook elsewhere",
      { openapi: "3.1.0", webhooks: { a: { $ref: "https://example.com/a" } } },
      "remote_reference",
    ],
    ["a circle", { openapi: "3.1.0", webhooks: { a: { $ref: "#/webhooks/a" } } }, "reference_cycle"],
    [
      "a schema elsewhere",
      { openapi: "3.1.0", webhooks: { a: { post: body({ schema: { $ref: "other.yaml#/A" } }) } } },
      "unresolved_reference",
    ],
  ])("refuses %s", (_, document, code) => {
    expect(() => importOpenApi(document, options)).toThrow(`[${code}]`);
  });
});
