import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import type { Contract } from "../project.ts";
import { renderTypes } from "./types.ts";

function contract(type: string, schema: JsonObject): Contract {
  const version = { version: "1.0.0", file: `${type}/schema.json`, schema };
  const event = { version: "1.0.0", group: "g", summary: "S", trigger: "T", payload: "full" } as const;
  const major = { ...version, major: 1, versions: ["1.0.0"], examples: [], invalid: [] };
  const released = { declared: "1.0.0", released: [], changelog: [] };
  return {
    type,
    event,
    lifecycle: "stable",
    majors: [major],
    versions: [version],
    migrations: [],
    ...released,
  };
}

async function typesOf(...contracts: readonly Contract[]): Promise<string> {
  return renderTypes("test", {
    config: { package: "test", source: "test", lint: "relaxed" },
    contracts,
  });
}

/** The type of one member, on one line. */
async function typeOf(schema: Json, $defs: JsonObject = {}): Promise<string> {
  const text = await typesOf(contract("door.opened", { type: "object", properties: { it: schema }, $defs }));
  const body = /export interface DoorOpened \{\n {2}it\?: ([\s\S]*?);\n\}/.exec(text)?.[1];
  return (body ?? text).replaceAll(/\s+/g, " ");
}

const member = (type: Json): JsonObject => ({ type: "object", properties: { a: { type } }, required: ["a"] });

describe("renderTypes", () => {
  it.each<[string, Json, string]>([
    ["a closed object", member("string"), "{ a: string; }"],
    [
      "an object that says it is open",
      { ...member("string"), additionalProperties: true },
      "{ a: string; [k: string]: unknown; }",
    ],
    ["an empty object", { type: "object", properties: {} }, "Record<string, never>"],
    ["any object", { type: "object" }, "{ [k: string]: unknown; }"],
    ["a map", { type: "object", additionalProperties: { type: "integer" } }, "{ [k: string]: number; }"],
    [
      "patterns of names",
      { type: "object", patternProperties: { "^x-": { type: "string" } }, additionalProperties: false },
      "{ [k: string]: string; }",
    ],
    ["unevaluatedProperties", { ...member("string"), unevaluatedProperties: false }, "{ a: string; }"],
    ["a required member that is not described", { type: "object", required: ["b"] }, "{ b: unknown; }"],
    ["a constant", { const: 1 }, "1"],
    ["an enum with null", { type: ["string", "null"], enum: ["a", null] }, '"a" | null'],
    ["an enum of values that are not scalar", { enum: [{ b: [1] }, {}] }, "{b: [1]} | Record<string, never>"],
    ["an open enum", { enum: ["a", "b"], "x-open-enum": true }, '"a" | "b" | (string & {})'],
    ["several types", { ...member("string"), type: ["object", "null"] }, "{ a: string; } | null"],
    [
      "X or null",
      { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }] },
      "string[] | null",
    ],
    ["nothing at all", {}, "unknown"],
    ["what is not", { not: { type: "string" } }, "unknown"],
    ["what cannot be", { not: {} }, "never"],
    [
      "a tuple that is complete",
      { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false, minItems: 2 },
      "[string, number]",
    ],
    [
      "a tuple that may go on",
      { type: "array", prefixItems: [{ type: "string" }], items: { type: "null" }, minItems: 1 },
      "[string, ...null[]]",
    ],
    [
      "a tuple that may end early",
      { type: "array", prefixItems: [{ type: "string" }, { type: "null" }], items: false },
      "(string | null)[]",
    ],
    ["bounds of a list", { type: "array", items: { type: "string" }, minItems: 1, maxItems: 5 }, "string[]"],
    [
      "allOf",
      { allOf: [member("string"), { type: "object", properties: { b: { type: "null" } } }] },
      "{ a: string; } & { b?: null; }",
    ],
    [
      "a union inside an object",
      { ...member("string"), oneOf: [{ required: ["b"] }, { required: ["c"] }] },
      "{ a: string; } & ( | { b: unknown; } | { c: unknown; } )",
    ],
    [
      "conditions",
      { ...member("string"), if: { required: ["a"] }, else: { required: ["b"] } },
      "{ a: string; }",
    ],
    [
      "TypeScript of somebody else",
      { type: "string", tsType: "never; export const evil = 1", title: "Evil" },
      "string",
    ],
  ])("writes %s", async (_what, schema, type) => {
    expect(await typeOf(schema)).toBe(type);
  });

  it("refers to a definition by its one name, whatever is said beside the reference", async () => {
    const $defs = { place: member("string"), again: { $ref: "#/$defs/place", description: "Alias." } };
    const properties = {
      one: { $ref: "#/$defs/place", description: "First." },
      two: { $ref: "#/$defs/place", description: "Second.", title: "Place" },
      three: { $ref: "#/$defs/again" },
    };
    const text = await typesOf(
      contract("door.opened", { type: "object", title: "Place", properties, $defs }),
    );
    expect(text).toMatch(/export type Again = Place;/);
    expect([...text.matchAll(/^export \w+ (\w+)/gm)].map(([, name]) => name)).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/\d$/)]),
    );
    expect(text).toMatch(/one\?: Place;[\s\S]*two\?: Place;[\s\S]*three\?: Again;/);
  });

  it("writes definitions that refer to themselves and to each other", async () => {
    const node = {
      type: "object",
      properties: { next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
    };
    expect(await typesOf(contract("a.b", { $ref: "#/$defs/node", $defs: { node } }))).toMatch(
      /export type AB = Node;[\s\S]*interface Node \{\n {2}next\?: Node \| null;/,
    );
  });

  it("keeps clear of its own names, and of each other's", async () => {
    const $defs = {
      event: member("string"),
      major: member("null"),
      "event-type": member("integer"),
      md5sum: member("null"),
    };
    const properties = Object.fromEntries(
      Object.keys($defs).map((name) => [name, { $ref: `#/$defs/${name}` }]),
    );
    const text = await typesOf(contract("event", { type: "object", properties, $defs }));
    expect(text).toContain("major?: EventDataMajor;");
    expect(text).toContain("md5sum?: Md5Sum;");
    await expectCompiles(text);
  });

  it("refuses two event types that would have one name", async () => {
    const two = [contract("a.b_c", member("string")), contract("a_b.c", member("null"))];
    await expect(typesOf(...two)).rejects.toThrow("a_b.c/schema.json");
    await expect(typesOf(...two)).rejects.toMatchObject({ problems: [{ code: "type_name_conflict" }] });
  });

  it("survives names and words that try to break out", async () => {
    const evil = [
      "__proto__",
      "constructor",
      "toString",
      "[k: string]",
      'a"b',
      "a\nb",
      "*/ x",
      "`${1}`",
      "ключ",
      "\u2028",
      "\ud800",
      "",
      "member_61_",
    ];
    const properties = Object.fromEntries(
      evil.map((name) => [name, { type: "string", description: `*/ export const x = 1; // ${name}` }]),
    );
    const schema: JsonObject = { type: "object", properties, required: evil, description: "*/ throw 1; /*" };
    const text = await typesOf(contract("door.opened", schema));
    await expectCompiles(`${text}
type Same<A, B> = [A, B] extends [B, A] ? true : false;
export const same: Same<keyof DoorOpened, ${evil.map((name) => JSON.stringify(name)).join(" | ")}> = true;
`);
  });

  it("never asks the network", async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      response.end("{}");
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const $id = `http://127.0.0.1:${(server.address() as AddressInfo).port}/schema.json`;
    await typesOf(
      contract("a.b", { $id, $schema: $id, type: "object", properties: { it: { $id, type: "string" } } }),
    );
    server.close();
    expect(asked).toBe(0);
  });
});

async function expectCompiles(text: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "types-"));
  try {
    await writeFile(join(folder, "types.ts"), text);
    const compilerOptions = { strict: true, noEmit: true, types: [], module: "nodenext", target: "es2024" };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    const run = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    expect(run.stdout + run.stderr).toBe("");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
