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
    const schema = JSON.parse(block("json")) as JsonObject;
    const files = {
      "door.opened/schema.json": schema,
      "door.opened/examples/front.json": { object: { id: "d1", by: "Ada" } },
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
