import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doorFiles } from "../../test-support/door.ts";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  const contract = doorFiles["schemas/door.opened/schema.json"];
  const renamed = Object.entries(doorFiles).map(([file, content]) => [`new/${file.slice(8)}`, content]);
  await workplace.write({
    ...doorFiles,
    ...Object.fromEntries(renamed),
    "new/lamp.lit/schema.json": contract,
    "new/lamp.lit/examples/one.json": { object: { id: "l1" } },
    "old.json": { type: "object", required: ["id"], properties: { id: { type: "string" } } },
    "new.json": { type: "object", required: ["id"], properties: { id: { type: "integer" } } },
  });
});
afterAll(() => workplace.remove());

const diff = (...args: readonly string[]) => workplace.hooks("contracts", "diff", ...args);
const read = (stdout: string) =>
  JSON.parse(stdout) as { readonly changes: readonly Record<string, unknown>[] };

describe("hooks contracts diff", () => {
  it("finds no difference between a schema and itself", async () => {
    expect(await diff("old.json", "old.json", "--json")).toEqual({
      exit: 0,
      stdout: `${JSON.stringify({ changes: [], subscriber: "ok", replay: "ok", bump: "none" }, null, 2)}\n`,
      stderr: "",
    });
    expect(await diff("old.json", "old.json")).toMatchObject({
      stdout: "No difference. subscriber: ok, replay: ok, bump: none\n",
    });
  });

  it("ends with 1 when a reader breaks, and says no more than it promises", async () => {
    const { exit, stdout, stderr } = await diff("old.json", "new.json", "--json");
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: "" });
    expect(read(stdout)).toMatchObject({ subscriber: "breaking", replay: "breaking", bump: "major" });
    const known = ["rule", "pointer", "subscriber", "replay", "counterexample"];
    for (const change of read(stdout).changes)
      expect(Object.keys(change).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("explains each change", async () => {
    const { stdout } = await diff("old.json", "new.json", "--json", "--explain");
    for (const change of read(stdout).changes)
      expect(change).toMatchObject({
        message: "id was string and is now integer.",
        action: "Read it by the version of the event.",
        proof: "counterexample",
        bump: "major",
      });
    const { exit, stdout: text } = await diff("old.json", "new.json", "--explain");
    expect(exit).toBe(1);
    expect(text).toMatch(
      /^\w+ .*\(major, breaks subscriber and replay\)\n {2}id was .* Read it by the version of the event\.\n/,
    );
  });

  it("compares folders event by event", async () => {
    const { exit, stdout } = await diff("schemas", "new", "--json");
    expect(exit).toBe(0);
    expect(read(stdout)).toEqual({
      changes: [{ type: "lamp.lit", rule: "EVENT_ADDED", pointer: "", subscriber: "ok", replay: "ok" }],
      subscriber: "ok",
      replay: "ok",
      bump: "minor",
    });
    const back = await diff("new", "schemas");
    expect(back).toMatchObject({
      exit: 1,
      stdout:
        "EVENT_REMOVED lamp.lit (major, breaks subscriber and replay)\n" +
        "subscriber: breaking, replay: breaking, bump: major\n",
    });
  });

  it("does not compare a file with a folder", async () => {
    expect(await diff("schemas", "new.json")).toMatchObject({ exit: 2, stdout: "" });
  });

  it.each([
    ["nowhere.json", 2, "unreadable_file"],
    ["broken.json", 1, "invalid_json"],
  ])("says in JSON, too, what is wrong with %s", async (file, expected, code) => {
    await workplace.write({ "broken.json": "{" });
    const { exit, stdout, stderr } = await diff("old.json", file, "--json");
    expect(exit).toBe(expected);
    expect(stderr).toContain(`[${code}]`);
    expect(JSON.parse(stdout)).toEqual({
      problems: [{ code, file, pointer: "", message: expect.any(String) }],
    });
  });
});
