import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate, readRuntime } from "../generate.ts";
import { sourcesWith } from "../test-support/sources.ts";
import { render } from "./render.ts";

const example = { "door.opened/examples/front.json": { object: { id: "d1", by: "key" } } };
const handler = `import { parseEvent, type Event } from "@acme/events";
import { build, validateEvent, type NewEvent } from "@acme/events/producer";
import { createParser, doorOpened } from "@acme/events/events";
import { exampleEvent } from "@acme/events/fixtures";
import { migrate } from "@acme/events/migrations";

const opened: NewEvent<"door.opened"> = build("door.opened", { data: { object: { id: "d1" } } });
const event: Event = exampleEvent("door.opened");
const id: string = event.data.object.id;
// @ts-expect-error There is no such member.
const wrong: unknown = event.data.object.colour;
const answers: boolean[] = [
  validateEvent(opened).ok,
  parseEvent(event).ok,
  createParser([doorOpened])(event).ok,
  migrate({ type: event.type, data: event.data, from: 1, to: 1 }).ok,
  parseEvent({ ...event, data: {} }).ok,
  id === "d1" && wrong === undefined,
];
console.log(JSON.stringify(answers));
`;

let folder = "";
const run = (command: string, args: readonly string[], cwd = folder) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  return { status, output: stdout + stderr };
};
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

async function write(files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), typeof content === "string" ? content : JSON.stringify(content));
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  await write(Object.fromEntries([...sourcesWith(example)].map(([file, text]) => [`schemas/${file}`, text])));
  const [schemas, out] = [join(folder, "schemas"), join(folder, "out")];
  await generate({ schemas, out, name: "@acme/events", package: true });
  // As npm would: only what is packed, in node_modules, where Node runs no TypeScript.
  const packed = run("npm", ["pack", "--silent", "--pack-destination", folder], out);
  await mkdir(join(folder, "app/node_modules/@acme/events"), { recursive: true });
  const tarball = join(folder, packed.output.trim().split("\n").at(-1) ?? "");
  run("tar", ["-xzf", tarball, "--strip-components=1", "-C", join(folder, "app/node_modules/@acme/events")]);
  await write({ "app/package.json": { type: "module" }, "app/handler.ts": handler });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a generated package, packed and installed", () => {
  it.each([
    { module: "nodenext", moduleResolution: "nodenext" },
    { module: "esnext", moduleResolution: "bundler" },
  ])("compiles with moduleResolution $moduleResolution", async (how) => {
    const compilerOptions = {
      ...how,
      target: "es2022",
      strict: true,
      noEmit: true,
      types: [],
      lib: ["es2022", "dom"],
    };
    await write({ "app/tsconfig.json": { compilerOptions } });
    expect(run(process.execPath, [tsc, "-p", "app"])).toEqual({ status: 0, output: "" });
  });

  it("runs, without evaluating text", () => {
    const args = ["--disallow-code-generation-from-strings", join(folder, "app/handler.ts")];
    expect(run(process.execPath, args)).toEqual({ status: 0, output: "[true,true,true,true,false,true]\n" });
  });
});

describe("a generated package, where it was written", () => {
  it("compiles again by its own tsconfig", () => {
    expect(run(process.execPath, [tsc, "-p", "out", "--noEmit"])).toEqual({ status: 0, output: "" });
  });

  it("has no dependencies and no side effects", async () => {
    const manifest: unknown = JSON.parse(await readFile(join(folder, "out/package.json"), "utf8"));
    expect(manifest).toMatchObject({ name: "@acme/events", type: "module", sideEffects: false });
    expect(Object.keys(manifest as object)).not.toContain("dependencies");
  });

  it("is replaced by the next one", async () => {
    const options = { schemas: join(folder, "schemas"), out: join(folder, "out"), name: "@acme/events" };
    const files = await generate({ ...options, package: true });
    expect(await readFile(join(folder, "out/dist/index.js"), "utf8")).toBe(files.get("dist/index.js"));
  });
});

describe("a package's name", () => {
  it.each(["", "Acme", "a\nconsole.log(1)", "../a", '"'])("cannot be %j", async (name) => {
    const input = { sources: sourcesWith(example), runtime: await readRuntime(), name };
    await expect(render(input)).rejects.toMatchObject({ problems: [{ code: "invalid_package_name" }] });
  });
});
