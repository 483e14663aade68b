import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { doorFiles } from "../../test-support/door.ts";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

let workplace: Workplace;
beforeEach(async () => {
  workplace = await createWorkplace();
  await workplace.write(doorFiles);
});
afterEach(() => workplace.remove());

describe("hooks contracts lint", () => {
  it("finds nothing wrong in a good folder", async () => {
    expect(await workplace.hooks("contracts", "lint")).toEqual({
      exit: 0,
      stdout: "1 contract, nothing wrong.\n",
      stderr: "",
    });
    expect(await workplace.hooks("contracts", "lint", "--json")).toMatchObject({ exit: 0, stdout: "[]\n" });
  });

  it("names file, pointer and code of every problem", async () => {
    await workplace.write({ "schemas/door.opened/examples/worse.json": { object: {} } });
    const { exit, stdout, stderr } = await workplace.hooks("contracts", "lint", "--schemas", "schemas");
    expect(exit).toBe(1);
    expect(stdout).toBe(
      "door.opened/examples/worse.json#/object/id: Expected a value, received nothing. [invalid_example]\n",
    );
    expect(stderr).toBe("1 problem.\n");
  });

  it("prints problems as JSON and nothing else", async () => {
    await workplace.write({ "schemas/door.opened/schema.json": "{", "schemas/hooks.schemas.json": {} });
    const { exit, stdout, stderr } = await workplace.hooks("contracts", "lint", "--json");
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: "" });
    const problems = JSON.parse(stdout) as readonly { readonly code: string }[];
    expect(problems.map(({ code }) => code)).toContain("invalid_json");
    for (const problem of problems)
      expect(Object.keys(problem).toSorted()).toEqual(["code", "file", "message", "pointer"]);
  });

  it("says so when there is no folder", async () => {
    const stderr = "hooks: nowhere is no folder; `hooks contracts init` starts one. [unreadable_folder]\n";
    const args = ["contracts", "lint", "--schemas", "nowhere"];
    expect(await workplace.hooks(...args)).toEqual({ exit: 2, stdout: "", stderr });
    const { exit, stdout } = await workplace.hooks(...args, "--json");
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject([{ code: "unreadable_folder", file: "nowhere", pointer: "" }]);
  });
});
