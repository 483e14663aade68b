import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doorFiles } from "../../test-support/door.ts";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  await workplace.write({
    ...doorFiles,
    "good.json": { object: { id: "d1", by: "key" } },
    "bad.json": { object: { id: 7, by: "key", colour: "red" } },
    "no.json": '{ "object": ',
    "remote.json": { properties: { a: { $ref: "https://example.com/a.json" } } },
    "folder/x.json": {},
  });
});
afterAll(() => workplace.remove());

const schema = "schemas/door.opened/schema.json";
const validate = (...args: readonly string[]) =>
  workplace.hooks("contracts", "validate", "--schema", ...args);

const wrongType = {
  code: "wrong_type",
  pointer: "/object/id",
  keyword: "type",
  expected: "string",
  received: "number 7",
  message: "/object/id: expected string, received number 7.",
};
const unknownMember = {
  code: "unknown_member",
  pointer: "/object/colour",
  keyword: "additionalProperties",
  expected: "no member of this name",
  received: "a string (not shown)",
  message: "/object/colour: expected no member of this name, received a string (not shown).",
};

describe("hooks contracts validate", () => {
  it("prints [] for valid data", async () => {
    expect(await validate(schema, "--json", "good.json")).toEqual({ exit: 0, stdout: "[]\n", stderr: "" });
  });

  it("prints every fault, with these members and no others", async () => {
    const { exit, stdout, stderr } = await validate(schema, "--json", "bad.json");
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: "" });
    expect(JSON.parse(stdout)).toEqual(expect.arrayContaining([unknownMember, wrongType]));
    expect(JSON.parse(stdout)).toHaveLength(2);
  });

  it("lets a consumer know only what it cannot read", async () => {
    const { exit, stdout } = await validate(schema, "--consumer", "--json", "bad.json");
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toEqual([wrongType]);
  });

  it("says whose fault it is when there are several files", async () => {
    const { exit, stdout } = await validate(schema, "--consumer", "--json", "good.json", "bad.json");
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toEqual([{ file: "bad.json", ...wrongType }]);
  });

  it("tells a person the same in lines", async () => {
    expect(await validate(schema, "--consumer", "good.json", "bad.json")).toEqual({
      exit: 1,
      stdout: "good.json: valid\nbad.json#/object/id: Expected string, received number 7. [wrong_type]\n",
      stderr: "1 fault.\n",
    });
  });

  it("reads standard input", async () => {
    const args = ["contracts", "validate", "--schema", schema, "-"];
    expect(await workplace.hooksWith('{"object":{"id":"a"}}', ...args)).toEqual({
      exit: 0,
      stdout: "standard input: valid\n",
      stderr: "",
    });
  });

  it.each([
    [["nowhere.json", "good.json"], "hooks: There is no file nowhere.json. [unreadable_file]"],
    [[schema, "nowhere.json"], "hooks: There is no file nowhere.json. [unreadable_file]"],
    [[schema, "folder"], "hooks: folder is a folder, not a file. [unreadable_file]"],
    [[schema, "no.json"], "hooks: no.json: The file is not JSON: "],
    [["no.json", "good.json"], "no.json: The file is not JSON: "],
    [["remote.json", "good.json"], '#/properties/a/$ref: "https://example.com/a.json" is somewhere else'],
  ])("ends with 1 and an explanation for %j", async (args, message) => {
    const { exit, stdout, stderr } = await validate(...args, "--json");
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("is called wrongly without a file, and without a schema", async () => {
    expect(await validate(schema)).toMatchObject({ exit: 2, stdout: "" });
    expect(await workplace.hooks("contracts", "validate", "good.json")).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("--schema FILE is missing."),
    });
    expect(await validate("-", "good.json")).toMatchObject({ exit: 2 });
  });
});
