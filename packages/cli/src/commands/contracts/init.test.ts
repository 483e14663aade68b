import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

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
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain("never overwrites");
    expect(await readdir(workplace.path("schemas"), { recursive: true })).toEqual(before);
    expect(await read("schemas/order.created/schema.json")).toEqual(door);
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
    ["a pattern of no file", "b*.json", "", "[unreadable_file]"],
  ])("refuses %s, and writes nothing", async (...[, file, content, message]) => {
    if (!file.includes("*")) await workplace.write({ [file]: content });
    const before = await readdir(workplace.folder);
    const { exit, stdout, stderr } = await init("--from", file);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(await readdir(workplace.folder)).toEqual(before);
  });

  it.each([
    [["samples/a.json"], "FILE stands after --from."],
    [["--from", "zod"], "--from zod needs a FILE after it."],
    [["--from", "a.ts", "b.ts"], "One module at a time: a.ts or b.ts."],
  ])("is called wrongly as %j", async (args, message) => {
    expect(await init(...args)).toMatchObject({ exit: 2, stderr: expect.stringContaining(message) });
  });
});
