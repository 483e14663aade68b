import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { doorFiles } from "../../test-support/door.ts";
import { createWorkplace, type Workplace } from "../../test-support/hooks.ts";

let place: Workplace;
beforeEach(async () => {
  place = await createWorkplace();
  await place.write(doorFiles);
});
afterEach(() => place.remove());

const schemaFile = "schemas/door.opened/schema.json";
const contract = doorFiles[schemaFile];
const member = { description: "Its colour.", type: "string", maxLength: 20 };

/** The contract with other members in `data.object`. */
function doorWith(members: object): object {
  const { object } = contract.properties;
  return {
    ...contract,
    properties: { object: { ...object, properties: { ...object.properties, ...members } } },
  };
}

function git(...args: readonly string[]): void {
  const who = ["-c", "user.name=T", "-c", "user.email=t@example.com"];
  execFileSync("git", [...who, ...args], { cwd: place.folder, stdio: "ignore" });
}

async function commit(): Promise<void> {
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "All");
}

describe("hooks contracts check", () => {
  it("ends with 0 where nothing is wrong, and with 1 where something breaks another commit", async () => {
    await commit();
    expect(await place.hooks("contracts", "check", "--against", "git:HEAD")).toMatchObject({
      exit: 0,
      stdout: "1 contract, nothing wrong.\n",
      stderr: "",
    });
    await place.write({
      [schemaFile]: doorWith({ id: { description: "Id.", type: "string", maxLength: 99 } }),
    });
    const broken = await place.hooks("contracts", "check", "--against", "git:HEAD");
    expect(broken.exit).toBe(1);
    expect(broken.stdout).toContain("door.opened 1.0.0 → 2.0.0: major");
    expect(broken.stdout).toContain("[breaking_change]");
    expect(broken.stderr).toBe("1 problem.\n");
  });

  it.each([
    ["json", '"schemaVersion": 1'],
    ["github", "::error file=schemas,line=1,title=unreadable_baseline::dir:nowhere: The folder"],
    ["junit", '<failure type="unreadable_baseline"'],
    ["text", "[unreadable_baseline]"],
  ])("reports a baseline that cannot be had as %s", async (format, expected) => {
    const ran = await place.hooks("contracts", "check", "--against", "dir:nowhere", "--format", format);
    expect(ran).toMatchObject({ exit: 2 });
    expect(ran.stdout).toContain(expected);
  });

  it.each([
    [["--against", "HEAD"], "--against takes git:REF, npm:PACKAGE@VERSION or dir:DIR"],
    [["--format", "yaml"], "--format takes text, json, github, junit"],
  ])("ends with 2 for %j", async (args, expected) => {
    const ran = await place.hooks("contracts", "check", ...args);
    expect(ran).toMatchObject({ exit: 2, stdout: "" });
    expect(ran.stderr).toContain(expected);
  });
});

describe("hooks contracts changeset", () => {
  it("asks for a folder of changesets", async () => {
    git("init", "-q");
    expect(await place.hooks("contracts", "changeset")).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("[no_changesets]"),
    });
  });

  it("writes one that check is content with, and a second time nothing", async () => {
    await place.hooks("contracts", "release");
    await place.write({ ".changeset/config.json": {} });
    expect((await place.hooks("contracts", "changeset")).stdout).toMatch(/^Nothing has changed since/);
    await place.write({ [schemaFile]: doorWith({ colour: member }) });
    expect((await place.hooks("contracts", "check")).stdout).toContain("[missing_changeset]");
    const written = await place.hooks("contracts", "changeset");
    expect(written.exit).toBe(0);
    expect(await readFile(place.path(written.stdout.trim()), "utf8")).toContain('"@acme/events": minor');
    expect((await place.hooks("contracts", "check")).exit).toBe(0);
    const names = await readdir(place.path(".changeset"));
    expect((await place.hooks("contracts", "changeset")).exit).toBe(0);
    expect(await readdir(place.path(".changeset"))).toEqual(names);
  });

  it("ends with 1 when another changeset promised less, and when the contracts break", async () => {
    await place.hooks("contracts", "release");
    const low = '---\n"@acme/events": patch\n---\n\nText.\n';
    await place.write({ [schemaFile]: doorWith({ colour: member }), ".changeset/low.md": low });
    const ran = await place.hooks("contracts", "changeset");
    expect(ran).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining(".changeset/low.md: It says patch"),
    });
    await place.write({
      [schemaFile]: doorWith({ id: { description: "Id.", type: "string", maxLength: 99 } }),
    });
    expect(await place.hooks("contracts", "changeset")).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("[breaking_change]"),
    });
  });
});

/** The second major calls `by` `how`; a member that it gets later would fall into `rest`. */
const migration = `
export function down({ object: { how, ...rest } }) { return { object: { ...rest, ...(how && { by: how }) } }; }
export function up({ object: { by, ...rest } }) { return { object: { ...rest, ...(by && { how: by }) } }; }
`;

function secondMajor(members: object): object {
  const { id, by } = contract.properties.object.properties;
  const object = { ...contract.properties.object, properties: { id, how: by, ...members } };
  return { ...contract, "x-event": { ...contract["x-event"], version: "2.0.0" }, properties: { object } };
}

describe("hooks contracts release", () => {
  it("releases what changed, once, and refuses what breaks", async () => {
    const released = await place.hooks("contracts", "release");
    expect(released).toMatchObject({ exit: 0, stdout: "door.opened 1.0.0: first\n" });
    expect((await place.hooks("contracts", "release")).stdout).toBe("Nothing to release.\n");
    await place.write({ [schemaFile]: doorWith({ colour: member }) });
    const dry = await place.hooks("contracts", "release", "--dry-run", "--json");
    const row = { type: "door.opened", version: "1.1.0", after: "1.0.0", bump: "minor" };
    expect(JSON.parse(dry.stdout)).toEqual([row]);
    expect(await readdir(place.path("schemas/door.opened/versions"))).toEqual(["1.0.0.json"]);
    expect((await place.hooks("contracts", "release")).stdout).toBe("door.opened 1.1.0 after 1.0.0: minor\n");
    const before = await readFile(place.path("schemas/catalog.lock.json"), "utf8");
    await place.write({ [schemaFile]: contract });
    expect(await place.hooks("contracts", "release")).toMatchObject({ exit: 1, stdout: "" });
    expect(await readFile(place.path("schemas/catalog.lock.json"), "utf8")).toBe(before);
  });

  it("keeps no version that a migration fails on, which check tells before", async () => {
    await place.hooks("contracts", "release");
    await place.write({
      [schemaFile]: secondMajor({}),
      "schemas/door.opened/examples/front.json": { object: { id: "d1", how: "key" } },
      "schemas/door.opened/invalid/no-id.json": {
        ...doorFiles["schemas/door.opened/invalid/no-id.json"],
        data: { object: { how: "key" } },
      },
      "schemas/door.opened/migrations/v2-v1.ts": migration,
    });
    expect(await place.hooks("contracts", "release")).toMatchObject({ exit: 0 });
    await place.write({ [schemaFile]: secondMajor({ colour: member }) });
    const broken =
      "door.opened/migrations/v2-v1.ts#/object/colour: down fails on the maximal payload of 2.1.0";
    const checked = await place.hooks("contracts", "check");
    expect(checked).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining(broken),
      stderr: "1 problem.\n",
    });
    for (const more of [[], ["--dry-run"]]) {
      const released = await place.hooks("contracts", "release", ...more);
      expect(released).toMatchObject({ exit: 1, stdout: "", stderr: expect.stringContaining(broken) });
    }
    const versions = await readdir(place.path("schemas/door.opened/versions"));
    expect(versions.toSorted()).toEqual(["1.0.0.json", "2.0.0.json"]);
  });
});
