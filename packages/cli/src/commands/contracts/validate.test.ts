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

  it("says so when a number would be read as another one", async () => {
    await workplace.write({ "long.json": '{"object":{"id":"d1"},"previous":{"n":9007199254740993}}' });
    const { exit, stdout } = await validate(schema, "--json", "long.json");
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      {
        code: "number_not_exact",
        pointer: "/previous/n",
        keyword: "",
        expected: "a number that is read as it is written",
        received: "one that would become another",
        message: expect.stringContaining("9007199254740993, which would be read as 9007199254740992"),
      },
    ]);
    expect((await validate(schema, "long.json")).stdout).toMatch(
      /^long.json#\/previous\/n: Expected a number /,
    );
  });

  it("reads standard input", async () => {
    const args = ["contracts", "validate", "--schema", schema, "-"];
    expect(await workplace.hooksWith('{"object":{"id":"a"}}', ...args)).toEqual({
      exit: 0,
      stdout: "standard input: valid\n",
      stderr: "",
    });
  });

  it("names the member that a misspelt one probably means", async () => {
    await workplace.write({ "slip.json": { object: { id: "d1", bye: "key" } } });
    expect(await validate(schema, "slip.json")).toMatchObject({
      exit: 1,
      stdout:
        "slip.json#/object/bye: Expected no member of this name, received a string (not shown). Did you mean by? [unknown_member]\n",
    });
  });

  it("tells a whole event from its data", async () => {
    await workplace.write({
      "event.json": { id: "evt_1", type: "door.opened", data: { object: { id: "d1" } } },
    });
    const { exit, stderr } = await validate(schema, "event.json");
    expect(exit).toBe(1);
    expect(stderr).toContain(
      "event.json: This looks like a whole event, and a contract describes only what is in",
    );
    expect((await validate(schema, "bad.json")).stderr).toBe("2 faults.\n");
  });

  it.each([
    ["no.json", 1, "invalid_json", "The file is not JSON: "],
    ["nowhere.json", 2, "unreadable_file", "There is no file nowhere.json."],
    ["folder", 2, "unreadable_file", "folder is a folder, not a file."],
  ])("takes %s for a fault, ends with %i, and goes on", async (...[file, expected, code, message]) => {
    const { exit, stdout, stderr } = await validate(
      schema,
      "--consumer",
      "--json",
      file,
      "bad.json",
      "good.json",
    );
    expect({ exit, stderr }).toEqual({ exit: expected, stderr: "" });
    const fault = { file, code, pointer: "", keyword: "", message: expect.stringContaining(message) };
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining(fault), { file: "bad.json", ...wrongType }]);
    const { stdout: text } = await validate(schema, file, "good.json");
    expect(text).toContain(`${file}: ${message}`);
    expect(text).toMatch(/\ngood.json: valid\n$/);
  });

  it.each([
    ["nowhere.json", 2, "unreadable_file", "hooks: There is no file nowhere.json. [unreadable_file]"],
    ["no.json", 1, "invalid_json", "no.json: The file is not JSON: "],
    ["/dev/null", 2, "unreadable_file", "/dev/null: It is not a file. [unreadable_file]"],
    [
      "remote.json",
      1,
      "remote_reference",
      'remote.json#/properties/a/$ref: "https://example.com/a.json" is somewhere',
    ],
  ])("says what is wrong with the schema %s, also in JSON", async (...[file, expected, code, message]) => {
    const { exit, stdout, stderr } = await validate(file, "--json", "good.json");
    expect(exit).toBe(expected);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr.startsWith(message)).toBe(true);
    const [fault, ...others] = JSON.parse(stdout) as readonly Record<string, unknown>[];
    expect([fault?.["file"], fault?.["code"], others]).toEqual([file, code, []]);
    expect(Object.keys(wrongType).every((name) => typeof fault?.[name] === "string")).toBe(true);
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
