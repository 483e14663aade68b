import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { doorFiles } from "../../test-support/door.ts";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

let workplace: Workplace;
beforeEach(async () => {
  workplace = await createWorkplace();
  await workplace.write(doorFiles);
});
afterEach(() => workplace.remove());

const generate = (...args: readonly string[]) => workplace.hooks("contracts", "generate", ...args);

describe("hooks contracts generate", () => {
  it("writes a package under the name it is given", async () => {
    const { exit, stdout, stderr } = await generate("--out", "src/generated", "--name", "@acme/other");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toBe("1 contract in src/generated\n");
    expect(await readFile(workplace.path("src/generated/types.ts"), "utf8")).toContain("@acme/other");
    const manifest: unknown = JSON.parse(
      await readFile(workplace.path("src/generated/package.json"), "utf8"),
    );
    expect(manifest).toMatchObject({ name: "@acme/other", type: "module" });
  });

  it("writes only sources without a name", async () => {
    expect(await generate("--out", "src/generated")).toMatchObject({ exit: 0 });
    expect(await readdir(workplace.path("src/generated"))).not.toContain("package.json");
  });

  it("writes nothing when the schemas are not right", async () => {
    await workplace.write({ "schemas/door.opened/schema.json": { type: "object" } });
    const { exit, stdout, stderr } = await generate("--out", "out");
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain("door.opened/schema.json: A contract needs x-event. [missing_event]\n");
    expect(await readdir(workplace.folder)).toEqual(["schemas"]);
  });

  it("does not replace what was not generated", async () => {
    const { exit, stderr } = await generate("--out", ".");
    expect(exit).toBe(2);
    expect(stderr).toContain("choose another folder. [folder_in_use]");
    expect(await readdir(workplace.folder)).toEqual(["schemas"]);
  });

  it.each([
    [
      ["--out", "out", "--name", "Bad Name"],
      '"Bad Name" is no name of an npm package. [invalid_package_name]',
    ],
    [["--out", "/dev/null/out"], "/dev/null/out"],
    [["--out", "schemas"], "schemas: It holds files that were not generated"],
  ])("ends with 2 for %j", async (args, message) => {
    const { exit, stdout, stderr } = await generate(...args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(message);
    expect(await readdir(workplace.folder)).toEqual(["schemas"]);
  });

  it("wants to know where to write", async () => {
    expect(await generate()).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("--out DIR is missing."),
    });
  });
});
