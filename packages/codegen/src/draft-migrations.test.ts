import { describe, expect, it } from "vitest";
import { draftMigrations } from "./draft-migrations.ts";
import { ContractsError } from "./problem.ts";
import { readProject } from "./read-project.ts";
import { doorOpened, sourcesWith } from "./test-support/sources.ts";

const event = { version: "2.0.0", group: "doors", summary: "S", trigger: "T", payload: "full" };
const colour = { description: "Its colour */", type: "string", maxLength: 20 };
const files = {
  "door.opened/versions/1.0.0.json": doorOpened({ root: { examples: [{ object: { id: "d" } }] } }),
  "door.opened/schema.json": doorOpened({ members: { colour }, root: { "x-event": event } }),
};
const path = "door.opened/migrations/v2-v1.ts";

describe("draftMigrations", () => {
  it("drafts what is missing, with the types of both majors and what changed", async () => {
    const drafts = await draftMigrations(sourcesWith(files));
    expect([...drafts.keys()]).toEqual([path]);
    const text = drafts.get(path) ?? "";
    expect(text).toContain("export function down(data: DoorOpenedV2): DoorOpenedV1 {");
    expect(text).toContain("export function up(data: DoorOpenedV1): DoorOpenedV2 {");
    expect(text).toMatch(/^interface DoorOpenedV1 \{$/m);
    expect(text).toMatch(/^ {4}colour\?: string;$/m);
    expect(text).toContain(" * - /properties/object/properties/colour: ");
    expect(text.slice(2, text.indexOf("*/"))).toContain("import them from it instead");
  });

  it("drafts nothing twice, and its draft is refused until it is written", async () => {
    const drafted = sourcesWith({
      ...files,
      ...Object.fromEntries(await draftMigrations(sourcesWith(files))),
    });
    const read = readProject(drafted);
    expect(read.ok ? [] : read.problems).toMatchObject([
      { code: "draft_migration", file: path, pointer: "" },
    ]);
    expect(await draftMigrations(drafted)).toEqual(new Map());
  });

  it("drafts nothing where there is one major", async () => {
    expect(await draftMigrations(sourcesWith())).toEqual(new Map());
  });

  it("throws what else is wrong", async () => {
    const broken = sourcesWith({ ...files, "door.opened/examples/front.json": {} });
    const error = await draftMigrations(broken).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ContractsError);
    expect((error as ContractsError).problems).toMatchObject([{ code: "invalid_example" }]);
  });
});
