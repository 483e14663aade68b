import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

const github = fileURLToPath(import.meta.resolve("@octokit/webhooks-schemas/schema.json"));
const zod = import.meta.resolve("zod");

let workplace: Workplace;
beforeEach(async () => {
  workplace = await createWorkplace();
});
afterEach(() => workplace.remove());

const init = (...args: readonly string[]) => workplace.hooks("contracts", "init", ...args);
const lint = (...args: readonly string[]) => workplace.hooks("contracts", "lint", ...args);
const read = async (file: string) => JSON.parse(await readFile(workplace.path(file), "utf8"));
const door = { type: "object", required: ["id"], properties: { id: { type: "string" } } };

describe("hooks contracts init", () => {
  it("starts a folder that is right, and from which a package can be made", async () => {
    const { exit, stdout, stderr } = await init("--name", "@acme/events", "--source", "shop");
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "1 contract in schemas\n" });
    expect(stderr).toContain("hooks contracts lint");
    expect(await read("schemas/hooks.schemas.json")).toEqual({
      package: "@acme/events",
      source: "shop",
      lint: "strict",
    });
    expect(await lint()).toMatchObject({ exit: 0, stdout: "1 contract, nothing wrong.\n" });
    expect(await workplace.hooks("contracts", "generate", "--out", "out")).toMatchObject({ exit: 0 });
  });

  it("overwrites nothing, and then writes nothing at all", async () => {
    await workplace.write({ "schemas/order.created/schema.json": door });
    const before = await readdir(workplace.path("schemas"), { recursive: true });
    const { exit, stdout, stderr } = await init();
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain("order.created/schema.json is already there, and nothing is overwritten");
    expect(await readdir(workplace.path("schemas"), { recursive: true })).toEqual(before);
    expect(await read("schemas/order.created/schema.json")).toEqual(door);
  });

  it("says of a folder that has been released only that it is there", async () => {
    await init();
    await workplace.hooks("contracts", "release");
    const schema = await read("schemas/order.created/schema.json");
    schema["x-event"].version = "2.0.0";
    await workplace.write({ "schemas/order.created/schema.json": schema });
    const { exit, stderr } = await init();
    expect(exit).toBe(2);
    expect(stderr).toMatch(
      /^hooks: README.md and \d+ more files are already there, and nothing is overwritten/,
    );
  });

  it("adds to a folder, and leaves its settings", async () => {
    await init("--name", "@acme/events");
    await workplace.write({ "lamp.lit.json": { watts: 7 } });
    await workplace.write({
      "schemas/hooks.schemas.json": { package: "@acme/events", source: "shop", lint: "relaxed" },
    });
    expect(await init("--from", "lamp.lit.json")).toMatchObject({
      exit: 0,
      stdout: "1 contract in schemas\n",
    });
    expect(await read("schemas/hooks.schemas.json")).toMatchObject({ source: "shop" });
    expect(await lint()).toMatchObject({ exit: 0, stdout: "2 contracts, nothing wrong.\n" });
  });

  it("says that a folder is too strict for what is imported, and writes nothing", async () => {
    await init("--name", "@acme/events");
    await workplace.write({ "lamp.lit.json": { watts: 7 } });
    const { exit, stdout, stderr } = await init("--from", "lamp.lit.json");
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toMatch(
      /^hooks: The folder is "strict", .* \(\d+ problems\), and nothing .* \[folder_is_strict\]\n$/,
    );
    expect(await readdir(workplace.path("schemas"))).not.toContain("lamp.lit");
    expect((await init("--from", "lamp.lit.json", "--schemas", "other")).stderr).toContain('says "relaxed"');
  });

  it("imports the webhooks of an OpenAPI document in YAML", async () => {
    const openapi = `
openapi: 3.1.0
webhooks:
  door.opened:
    post:
      summary: A door was opened
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Door" }, example: { id: d1 } } } }
components: { schemas: { Door: ${JSON.stringify(door)} } }
`;
    await workplace.write({ "openapi.yaml": openapi });
    expect(await init("--from", "openapi.yaml")).toMatchObject({
      exit: 0,
      stdout: "1 contract in schemas\n",
    });
    expect(await read("schemas/door.opened/examples/example.json")).toEqual({ id: "d1" });
    expect(await lint()).toMatchObject({ exit: 0 });
  });

  it("imports payloads: files, a pattern, a folder", async () => {
    await workplace.write({
      "samples/door.opened-1.json": { id: "a", at: "2026-01-01T00:00:00Z", by: "key" },
      "samples/door.opened-2.json": { id: "b", at: "2026-01-02T00:00:00Z", by: "key" },
      "samples/deep/lamp.lit.json": { watts: 7 },
    });
    const sources = [
      ["samples/door.opened-1.json", "samples/door.opened-2.json"],
      ["samples/*.json"],
      ["samples", "--enums"],
      ["samples", "samples/door.opened-1.json", "samples/door.opened-2.json"],
    ];
    for (const [index, from] of sources.entries())
      expect(await init("--schemas", `s${index}`, "--from", ...from)).toMatchObject({ exit: 0 });
    expect(await readdir(workplace.path("s1"))).toEqual(["door.opened", "hooks.schemas.json"]);
    expect(await readdir(workplace.path("s2"))).toEqual(["door.opened", "hooks.schemas.json", "lamp.lit"]);
    expect(await read("s0/door.opened/schema.json")).toMatchObject({
      required: ["id", "at", "by"],
      properties: { at: { description: "Describe at.", format: "date-time" }, by: { type: "string" } },
    });
    expect(await read("s2/door.opened/schema.json")).toMatchObject({ properties: { by: { enum: ["key"] } } });
    expect(await lint("--schemas", "s0")).toMatchObject({ exit: 0 });
  });

  it("imports zod schemas with the user's own zod, and tells what is lost", async () => {
    await workplace.write({
      "node_modules/zod/package.json": {
        name: "zod",
        type: "module",
        exports: { ".": { import: "./index.js" }, "./package.json": "./package.json" },
      },
      "node_modules/zod/index.js": `export * from ${JSON.stringify(zod)};`,
      "package.json": { type: "module" },
      "events.ts": `
        import { z } from "zod";
        const Node = z.object({ id: z.uuid(), get next() { return Node.optional(); } });
        export const DoorOpened = z.object({
          at: z.iso.datetime(), mail: z.email().optional(), day: z.date(),
          code: z.string().refine((code: string) => code.startsWith("d")), count: z.string().transform(Number),
        });
        export const more = { "tree.grown": Node };
        export const helper = () => 1;`,
    });
    const { exit, stdout, stderr } = await init("--from", "events.ts");
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "2 contracts in schemas\n" });
    expect(stderr).toContain("events.ts#/DoorOpened/properties/code: refine cannot be said in JSON Schema");
    expect(stderr).toContain(
      "events.ts#/DoorOpened/properties/count: transform cannot be said in JSON Schema",
    );
    expect(await read("schemas/door_opened/schema.json")).toMatchObject({
      properties: {
        at: { type: "string", format: "date-time" },
        mail: { type: "string", format: "email" },
        day: { type: "string", format: "date-time" },
      },
      required: ["at", "day", "code", "count"],
      additionalProperties: false,
    });
    expect(await lint()).toMatchObject({ exit: 0, stdout: "2 contracts, nothing wrong.\n" });
  });

  it("imports all of GitHub's events, and finds them right", async () => {
    const { exit, stdout, stderr } = await init("--from", github);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "224 contracts in schemas\n" });
    expect(stderr).toContain(
      "tsAdditionalProperties means nothing in a contract and was left out (71 times).",
    );
  });

  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    .concat([..."bcdefghi"].map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]},`.repeat(9)}]`))
    .join("\n");

  it.each([
    ["an alias bomb", "a.yaml", bomb, "[invalid_yaml]"],
    ["no YAML", "a.yaml", "a: [", "[invalid_yaml]"],
    ["no JSON", "a.json", "{", "[invalid_json]"],
    ["no OpenAPI 3", "a.json", { swagger: "2.0" }, "[not_openapi]"],
    [
      "a reference to elsewhere",
      "a.json",
      { $defs: { a: { $ref: "https://example.com/a" } } },
      "a.json#/$defs/a/$ref",
    ],
    [
      "a circle of references",
      "a.json",
      { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } },
      "[reference_cycle]",
    ],
    [
      "a module that throws",
      "a.mjs",
      'throw new Error("no");',
      "a.mjs cannot be loaded: no [unreadable_module]",
    ],
    ["a module without schemas", "a.mjs", "export const a = 1;", "[no_event_types]"],
  ])("refuses %s, and writes nothing", async (...[, file, content, message]) => {
    await workplace.write({ [file]: content });
    const before = await readdir(workplace.folder);
    const { exit, stdout, stderr } = await init("--from", file);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(await readdir(workplace.folder)).toEqual(before);
  });

  it.each([
    [["--name", "Bad Name"], "--name cannot be used: package must be the name of an npm package."],
    [["--schemas", "a.file"], "a.file is no folder. [unreadable_folder]"],
    [["--from", "b*.json"], "b*.json matches no file."],
    [["--from", "b.json"], "There is no file b.json."],
    [["--from", "b.ts"], "There is no file b.ts."],
    [["samples/a.json"], "FILE stands after --from."],
    [["--from", "zod"], "--from zod needs a FILE after it."],
    [["--from", "a.ts", "b.ts"], "One module at a time: a.ts or b.ts."],
  ])("is called wrongly as %j", async (args, message) => {
    await workplace.write({ "a.file": "" });
    expect(await init(...args)).toMatchObject({ exit: 2, stderr: expect.stringContaining(message) });
  });
});
