import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadContracts } from "./load-contracts.ts";
import { ContractsError } from "./problem.ts";
import { createFolder, type Folder } from "./test-support/folder.ts";
import { doorOpened, sourcesWith } from "./test-support/sources.ts";

let folder: Folder;

beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

describe("loadContracts", () => {
  it("gives contracts that validate by type and version", async () => {
    await folder.write(sourcesWith());
    const contracts = await loadContracts(folder.path);
    expect(contracts.source).toBe("acme");
    expect(contracts.eventTypes["door.opened"]).toMatchObject({
      latest: "1.0.0",
      versions: ["1.0.0"],
      payload: "full",
    });
    const event = { type: "door.opened", data: { object: { id: "d1" } } };
    expect(contracts.validateEvent(event)).toEqual({ ok: true, version: "1.0.0" });
    expect(contracts.validateEvent({ ...event, version: "2.0.0" })).toMatchObject({
      code: "unknown_version",
    });
    expect(contracts.validateEvent({ ...event, type: "door.shut" })).toMatchObject({
      code: "unknown_event_type",
    });
    expect(contracts.validateEvent({ ...event, data: { object: { id: "d1", x: 1 } } })).toMatchObject({
      code: "schema_violation",
      issues: [{ code: "unknown_member", pointer: "/data/object/x" }],
    });
  });

  it("accepts its own examples", async () => {
    await folder.write(sourcesWith());
    const contracts = await loadContracts(folder.path);
    for (const { type, examples } of Object.values(contracts.eventTypes))
      for (const data of examples) expect(contracts.validateEvent({ type, data }).ok).toBe(true);
  });

  it("names file and pointer of everything that is wrong", async () => {
    const schema = doorOpened({
      members: { note: { description: "N.", type: "string", "x-sensitiv": "pii" } },
    });
    await folder.write(sourcesWith({ "door.opened/schema.json": schema, "common/broken.schema.json": "{" }));
    const failure = loadContracts(folder.path);
    await expect(failure).rejects.toThrow(ContractsError);
    await expect(failure).rejects.toThrow(
      "door.opened/schema.json#/properties/object/properties/note/x-sensitiv: x-sensitiv is not part of the profile.",
    );
    await expect(failure).rejects.toThrow(
      "common/broken.schema.json: The file is not JSON: expected the name of a member, found the end of the file (line 1, column 2). [invalid_json]",
    );
  });

  it("refuses a folder that is not there, one that is empty, and a file that is too large", async () => {
    await expect(loadContracts(join(folder.path, "nowhere"))).rejects.toThrow("unreadable_folder");
    await expect(loadContracts(folder.path)).rejects.toThrow("no_event_types");
    await folder.write(sourcesWith({ "common/huge.schema.json": `"${"x".repeat(5_000_001)}"` }));
    await expect(loadContracts(folder.path)).rejects.toThrow("common/huge.schema.json: The file is larger");
  });

  it("does not read through a symbolic link", async () => {
    const schema = doorOpened({ members: { n: { description: "N.", $ref: "../common/out.schema.json" } } });
    await folder.write(sourcesWith({ "door.opened/schema.json": schema }));
    await mkdir(join(folder.path, "common"));
    await symlink("/etc/hostname", join(folder.path, "common/out.schema.json"));
    await expect(loadContracts(folder.path)).rejects.toThrow("unresolved_reference");
  });

  it("converts between majors with the migrations of the folder", async () => {
    const event = { version: "2.0.0", group: "doors", summary: "S", trigger: "T", payload: "full" };
    const files = {
      "door.opened/versions/1.0.0.json": doorOpened({ root: { examples: [{ object: { id: "d" } }] } }),
      "door.opened/schema.json": doorOpened({ root: { "x-event": event } }),
      "door.opened/migrations/v2-v1.ts": `import type { A } from "./nowhere.ts";
        export const down = (data: A) => ({ ...data, down: true });
        export const up = (data: A) => ({ ...data, up: true });`,
    };
    await folder.write(sourcesWith(files));
    const { migrate } = await loadContracts(folder.path);
    expect(migrate({ type: "door.opened", data: {}, from: 2, to: 1 })).toEqual({
      ok: true,
      data: { down: true },
    });
    expect(migrate({ type: "door.opened", data: {}, from: 1, to: 2 })).toEqual({
      ok: true,
      data: { up: true },
    });
    expect(migrate({ type: "door.opened", data: {}, from: 2, to: 0 })).toEqual({
      ok: false,
      code: "no_migration",
    });
  });

  it("refuses a migration that does not export both directions", async () => {
    const event = { version: "2.0.0", group: "doors", summary: "S", trigger: "T", payload: "full" };
    await folder.write(
      sourcesWith({
        "door.opened/versions/1.0.0.json": doorOpened({ root: { examples: [{ object: { id: "d" } }] } }),
        "door.opened/schema.json": doorOpened({ root: { "x-event": event } }),
        "door.opened/migrations/v2-v1.ts": "export const down = (data: unknown) => data;",
      }),
    );
    await expect(loadContracts(folder.path)).rejects.toThrow(
      "door.opened/migrations/v2-v1.ts: A migration exports",
    );
  });

  it("reads a contract that contains itself", async () => {
    const box = {
      type: "object",
      properties: { inner: { description: "Inside.", anyOf: [{ $ref: "#/$defs/box" }, { type: "null" }] } },
    };
    const schema = doorOpened({
      members: { box: { description: "B.", $ref: "#/$defs/box" } },
      root: { $defs: { box } },
    });
    await folder.write(sourcesWith({ "door.opened/schema.json": schema }));
    const { validateEvent } = await loadContracts(folder.path);
    const data = { object: { id: "d1", box: { inner: { inner: { inner: 5 } } } } };
    expect(validateEvent({ type: "door.opened", data })).toMatchObject({
      issues: [{ pointer: "/data/object/box/inner/inner/inner", keyword: "type" }],
    });
  });
});
