import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "./json.ts";
import { formatProblem } from "./problem.ts";
import { readProject } from "./read-project.ts";
import { doorOpened, sourcesWith } from "./test-support/sources.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = fileURLToPath(new URL("../../../node_modules/.bin/tsc", import.meta.url));
let folder = "";
let readme = "";

beforeAll(async () => {
  // Inside the package, so that the code imports the package by its name, as it is built.
  folder = await mkdtemp(join(root, "dist", ".readme-"));
  readme = await readFile(join(root, "README.md"), "utf8");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text ?? "");
const block = (language: string) => blocks(language)[0] ?? "";

describe("README", () => {
  it("shows a contract and code that make a package of it", async () => {
    const [schema = "", example = ""] = blocks("json");
    const files = {
      "door.opened/schema.json": JSON.parse(schema) as JsonObject,
      "door.opened/examples/front.json": JSON.parse(example) as JsonObject,
      "door.opened/invalid/no-id.json": undefined,
    };
    for (const [file, text] of sourcesWith(files)) {
      await mkdir(dirname(join(folder, "schemas", file)), { recursive: true });
      await writeFile(join(folder, "schemas", file), text);
    }
    await writeFile(join(folder, "generate.mjs"), block("ts"));
    const run = spawnSync(process.execPath, ["generate.mjs"], { cwd: folder, encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(run.stdout).toMatch(/^\d+ files\n$/);
    expect(await readFile(join(folder, "src/generated/types.ts"), "utf8")).toContain(
      "export interface DoorOpened",
    );
  });

  it("shows a handler of what was made", async () => {
    const [, handler = ""] = blocks("ts");
    await writeFile(join(folder, "handler.ts"), handler);
    const run = spawnSync(process.execPath, ["handler.ts"], { cwd: folder, encoding: "utf8" });
    expect([run.stdout, run.stderr]).toEqual(["let in: Ada\n", ""]);
    const options = { noEmit: true, module: "nodenext", rewriteRelativeImportExtensions: true, strict: true };
    const compilerOptions = { ...options, lib: ["es2024", "dom"], types: [] };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: ["handler.ts"] }),
    );
    expect(spawnSync(compiler, ["-p", folder], { encoding: "utf8" }).stdout).toBe("");
  });

  it("shows code that checks and releases the contracts", async () => {
    // The root of a repository of its own, so that the changesets of this one are none of its business.
    await mkdir(join(folder, ".git"));
    for (const [file, text] of sourcesWith()) {
      await mkdir(dirname(join(folder, "schemas", file)), { recursive: true });
      await writeFile(join(folder, "schemas", file), text);
    }
    await writeFile(
      join(folder, "release.mjs"),
      blocks("ts").find((code) => code.includes("release(")) ?? "",
    );
    const run = spawnSync(process.execPath, ["release.mjs"], { cwd: folder, encoding: "utf8" });
    expect([run.stdout, run.stderr]).toEqual(["door.opened (new) → 1.0.0: first\n", ""]);
    expect(await readFile(join(folder, "schemas/catalog.lock.json"), "utf8")).toContain("door.opened/1.0.0");
  });

  it("shows a problem as it is reported", () => {
    const object = { description: "O.", type: "object", properties: {}, "x-sensitiv": "pii" };
    const schema = { ...doorOpened(), properties: { object } };
    const read = readProject(sourcesWith({ "door.opened/schema.json": schema }));
    const lines = read.ok ? [] : read.problems.map(formatProblem);
    expect(
      lines
        .map((line) => line.replace("door.opened", "invoice.paid"))
        .filter((line) => readme.includes(line)),
    ).toHaveLength(1);
  });
});
