import { describe, expect, it } from "vitest";
import { readProject } from "../read-project.ts";
import { doorOpened, sourcesWith } from "../test-support/sources.ts";
import { tryMigrations } from "./try-migrations.ts";

const event = { version: "2.0.0", group: "doors", summary: "S", trigger: "T", payload: "full" };
const floor = { floor: { description: "Where.", type: "integer", minimum: -9, maximum: 99 } };
const file = "door.opened/migrations/v2-v1.ts";

/** Version 1 of a door has no floor, and version 2 may have one. */
async function problemsOf(migration: string, timeoutMs = 60_000): Promise<readonly string[]> {
  const read = readProject(
    sourcesWith({
      "door.opened/versions/1.0.0.json": doorOpened({ root: { examples: [{ object: { id: "d" } }] } }),
      "door.opened/schema.json": doorOpened({ members: floor, root: { "x-event": event } }),
      "door.opened/examples/up.json": { object: { id: "d", floor: 3 } },
      [file]: migration,
    }),
  );
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const problems = await tryMigrations(read.project, { timeoutMs });
  return problems.map((one) => `${one.code} ${one.file}#${one.pointer} ${one.message}`);
}

const right = `import type { DoorOpenedV1, DoorOpenedV2 } from "nowhere.ts";
export function down({ object: { floor, ...object } }: DoorOpenedV2): DoorOpenedV1 {
  console.log("nobody sees this");
  return { object };
}
export const up = (data: DoorOpenedV1): DoorOpenedV2 => data;
`;

describe("tryMigrations", () => {
  it("finds nothing wrong with converters between the two majors", async () => {
    expect(await problemsOf(right)).toEqual([]);
  });

  it("names the place in what a converter makes that the other major refuses", async () => {
    expect(
      await problemsOf(right.replace("return { object };", "return { object: { ...object, floor } };")),
    ).toEqual(
      ["example front", "example up", "minimal payload", "maximal payload"].map((name) =>
        expect.stringMatching(
          `broken_migration ${file}#/object/floor down fails on the ${name} of 2.0.0: version 1.0.0 refuses what`,
        ),
      ),
    );
    const unnamed = right.replace("=> data", "=> ({ ...data, object: { id: 7 as never } })");
    expect((await problemsOf(unnamed))[0]).toContain(
      `broken_migration ${file}#/object/id up fails on the example released-1 of 1.0.0: version 2.0.0 refuses what`,
    );
  });

  it.each([
    [
      "throw new TypeError('no floor')",
      "down fails on the example front of 2.0.0: It throws TypeError: no floor.",
    ],
    ["return (() => 1) as never", "It throws DataCloneError"],
    ["process.exit()", "It has ended the process."],
  ])("tells of a converter that does %j", async (body, message) => {
    const [first] = await problemsOf(right.replace("return { object };", `${body};`));
    expect(first).toContain(`broken_migration ${file}# `);
    expect(first).toContain(message);
  });

  it("ends a converter that does not end", async () => {
    const [only, ...others] = await problemsOf(right.replace("return { object };", "for (;;);"), 4_000);
    expect(only).toContain("the example front of 2.0.0: It has not come to an end within 4 s.");
    expect(others).toEqual([]);
  });

  it.each([
    ["export const down = (", "Expected"],
    ["export const down = 1;", "It does not export the functions down and up."],
    ['import { x } from "./other.ts"; export const down = x; export const up = x;', "other.ts"],
    ["throw new Error('at once'); export {};", "at once"],
  ])("refuses the module %j", async (text, reason) => {
    const [only, ...others] = await problemsOf(text);
    expect(only).toContain(`invalid_migration ${file}# A migration exports the functions down and up`);
    expect(only).toContain(reason);
    expect(others).toEqual([]);
  });
});
