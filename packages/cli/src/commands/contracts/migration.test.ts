import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { doorFiles } from "../../test-support/door.ts";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

let place: Workplace;
beforeEach(async () => {
  place = await createWorkplace();
  await place.write(doorFiles);
  await place.hooks("contracts", "release");
});
afterEach(() => place.remove());

const schemaFile = "schemas/door.opened/schema.json";
const migrationFile = "schemas/door.opened/migrations/v2-v1.ts";
const contract = doorFiles[schemaFile];
const raised = { ...contract, "x-event": { ...contract["x-event"], version: "2.0.0" } };
const migration = (...args: readonly string[]) => place.hooks("contracts", "migration", ...args);

describe("hooks contracts migration", () => {
  it("drafts what a new major needs, which lint refuses until it is written", async () => {
    await place.write({ [schemaFile]: raised });
    const lacking = await place.hooks("contracts", "lint");
    expect(lacking.stdout).toContain("`hooks contracts migration` drafts it. [missing_migration]");
    expect(await migration()).toEqual({ exit: 0, stdout: `${migrationFile}\n`, stderr: "" });
    const draft = await readFile(place.path(migrationFile), "utf8");
    expect(draft).toContain("export function down(data: DoorOpenedV2): DoorOpenedV1 {");
    const drafted = await place.hooks("contracts", "lint");
    expect(drafted).toMatchObject({ exit: 1, stdout: expect.stringContaining("[draft_migration]") });
    const written = draft.replaceAll('throw new Error("Not written yet.")', "return data");
    await place.write({ [migrationFile]: written });
    expect(await place.hooks("contracts", "lint")).toMatchObject({ exit: 0 });
    expect(await migration()).toEqual({ exit: 0, stdout: "No migration is missing.\n", stderr: "" });
    expect(await readFile(place.path(migrationFile), "utf8")).toBe(written);
  });

  it("writes nothing where something else is wrong", async () => {
    await place.write({ [schemaFile]: { ...raised, "x-ownr": "me" } });
    const { exit, stdout, stderr } = await migration();
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain("[unknown_annotation]");
    expect(await readdir(place.path("schemas/door.opened"))).not.toContain("migrations");
    expect(await migration("--schemas", "nowhere")).toMatchObject({ exit: 2 });
  });
});
