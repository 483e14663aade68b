import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import type { Sources } from "../sources.ts";
import { changed, released, releasedWith } from "../test-support/released.ts";
import { doorOpened, sourcesWith } from "../test-support/sources.ts";
import { baselineOfSources } from "./baseline.ts";
import { checkContracts, type CheckInput, type CheckReport } from "./check.ts";

const now = new Date("2026-06-01T12:00:00Z");
const schema = "door.opened/schema.json";
const colour = { description: "Its colour.", type: "string", maxLength: 20 };
const floor = (maximum: number) => ({ description: "The floor.", type: "integer", minimum: 0, maximum });
const original = doorOpened({ members: { floor: floor(9) } });
const additive = doorOpened({ members: { floor: floor(9), colour } });
const breaking = doorOpened({ members: { floor: floor(99) } });
const described = doorOpened({ members: { floor: { ...floor(9), description: "Which floor." } } });
const brokenAt = "/properties/object/properties/floor/maximum";
const migration = { "door.opened/migrations/v2-v1.ts": "export {};" };

const versioned = (version: string, content: JsonObject): JsonObject => ({
  ...content,
  "x-event": { ...(content["x-event"] as JsonObject), version },
});
const check = (sources: Sources, input: Omit<Partial<CheckInput>, "sources"> = {}) =>
  checkContracts({ sources, now, ...input });
const codes = ({ problems }: CheckReport) =>
  problems.map(({ code, file, pointer }) => `${code} ${file}#${pointer}`);
const door = ({ contracts }: CheckReport) => contracts.find(({ type }) => type === "door.opened");
/** The faultless folder, released, and then changed. */
const first = releasedWith({ [schema]: original });
const after = (changes: Readonly<Record<string, Json | string | undefined>>) => changed(first, changes);

const changesets = (...bumps: readonly string[]) =>
  new Map(
    bumps.map((bump, index) => [`.changeset/${index}.md`, `---\n"@acme/events": ${bump}\n---\n\nText.\n`]),
  );
const base = (sources: Sources) => baselineOfSources("git:main", sources);
const beta = (content: JsonObject) => ({ ...content, "x-lifecycle": "beta" });

describe("checkContracts", () => {
  it("finds nothing where nothing changed since the release", () => {
    expect(check(releasedWith())).toMatchObject({
      schemaVersion: 1,
      ok: true,
      package: { name: "@acme/events", bump: "none" },
      contracts: [
        { type: "door.opened", declared: "1.0.0", released: "1.0.0", required: "1.0.0", bump: "none" },
      ],
      problems: [],
      notices: [],
    });
  });

  it("takes an event type that has never been released as new, whatever its version", () => {
    const report = check(sourcesWith({ [schema]: versioned("3.1.0", doorOpened()) }));
    expect(door(report)).toMatchObject({ released: null, required: "3.1.0", bump: "first" });
    expect(report).toMatchObject({ ok: true, package: { bump: "minor" } });
  });

  it.each([
    ["a description", described, { required: "1.0.1", bump: "patch" }],
    ["a new optional member", additive, { required: "1.1.0", bump: "minor" }],
  ])(
    "computes the version that %s takes, while the schema states the last or the next",
    (_name, content, { required, bump }) => {
      for (const declared of ["1.0.0", required]) {
        const report = check(after({ [schema]: versioned(declared, content) }));
        expect(codes(report)).toEqual([]);
        expect(door(report)).toMatchObject({ declared, released: "1.0.0", required, bump });
        expect(report.package.bump).toBe(bump);
      }
    },
  );

  it.each([
    ["1.0.1", additive, "version_too_low"],
    ["1.2.0", additive, "version_too_high"],
    ["2.0.0", additive, "version_too_high"],
    ["1.1.0", described, "version_too_high"],
    ["1.0.1", original, "version_too_high"],
    ["3.0.0", breaking, "version_too_high"],
  ])("refuses the chosen version %s", (declared, content, code) => {
    const files = {
      [schema]: versioned(declared, content),
      ...(declared < "2" ? {} : migrationTo(declared)),
    };
    expect(codes(check(after(files)))).toEqual([`${code} ${schema}#/x-event/version`]);
  });

  it("refuses a version older than the released one", () => {
    const second = released(after({ [schema]: additive }), now);
    expect(codes(check(changed(second, { [schema]: versioned("1.0.0", additive) })))).toEqual([
      `version_too_low ${schema}#/x-event/version`,
    ]);
  });

  it("refuses a break within a major", () => {
    const report = check(after({ [schema]: breaking }));
    expect(report).toMatchObject({
      ok: false,
      problems: [
        {
          code: "breaking_change",
          file: schema,
          pointer: brokenAt,
          type: "door.opened",
          against: "1.0.0",
          rule: expect.stringMatching(/^[A-Z_]+$/),
          counterexample: { object: { id: expect.any(String), floor: 99 } },
        },
      ],
    });
    expect(report.problems[0]?.message).toContain("raise x-event.version to 2.0.0");
    expect(door(report)).toMatchObject({ required: "2.0.0", bump: "major" });
  });

  it("finds a break also where the fixtures no longer fit", () => {
    const number = doorOpened({ members: { by: floor(9) } });
    expect(codes(check(changed(releasedWith(), { [schema]: number })))).toEqual(
      expect.arrayContaining([
        "invalid_example door.opened/examples/front.json#/object/by",
        `breaking_change ${schema}#/properties/object/properties/by/type`,
      ]),
    );
  });

  it("allows a break with its major and a migration, and asks for both", () => {
    const raised = { [schema]: versioned("2.0.0", breaking) };
    expect(codes(check(after(raised)))).toEqual([`missing_migration ${schema}#`]);
    const report = check(after({ ...raised, ...migration }));
    expect(codes(report)).toEqual([]);
    expect(report.package.bump).toBe("major");
  });

  it("lets a beta change as it likes, in minor versions", () => {
    const before = releasedWith({ [schema]: beta(original) });
    const report = check(changed(before, { [schema]: beta(breaking) }));
    expect(codes(report)).toEqual([]);
    expect(door(report)).toMatchObject({ required: "1.1.0", bump: "minor" });
  });

  it("compares with every release of the major, not only the last", () => {
    const { rule = "" } = check(after({ [schema]: doorOpened() })).problems[0] ?? {};
    const excuse = exception({ rule, pointer: "/properties/object/properties/floor" });
    const second = released(after({ [schema]: doorOpened(), "compat-exceptions.json": [excuse] }), now);
    // For 1.1.0, which has no floor at all, this is a new member.
    const report = check(
      changed(second, { [schema]: versioned("1.1.0", breaking), "compat-exceptions.json": undefined }),
    );
    expect(report.problems.map(({ code, against }) => `${code} ${against}`)).toEqual([
      "breaking_change 1.0.0",
    ]);
  });

  it("does not hold against a change what an earlier release has broken already", () => {
    const second = released(
      after({ [schema]: breaking, "compat-exceptions.json": [excuseOf(breaking)] }),
      now,
    );
    const further = versioned("1.1.0", doorOpened({ members: { floor: floor(99), colour } }));
    const report = check(changed(second, { [schema]: further, "compat-exceptions.json": undefined }));
    expect(codes(report)).toEqual([]);
    expect(door(report)).toMatchObject({ released: "1.1.0", required: "1.2.0" });
  });
});

describe("checkContracts and exceptions", () => {
  it("lets an excused break pass as a minor version, until the exception expires", () => {
    const excused = after({ [schema]: breaking, "compat-exceptions.json": [excuseOf(breaking)] });
    const report = check(excused);
    expect(codes(report)).toEqual([]);
    expect(door(report)).toMatchObject({ required: "1.1.0", bump: "minor" });
    const late = check(excused, { now: new Date("2027-01-01T00:00:00Z") });
    expect(codes(late)).toEqual([
      "exception_expired compat-exceptions.json#/0/expires",
      `breaking_change ${schema}#${brokenAt}`,
    ]);
  });

  it("mentions one that nobody needs, which is no reason to stop", () => {
    const report = check(after({ "compat-exceptions.json": [exception({ rule: "NO_SUCH", pointer: "" })] }));
    expect(report.ok).toBe(true);
    expect(report.notices.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(["unused_exception /0"]);
  });
});

describe("checkContracts and the lock", () => {
  const version = "door.opened/versions/1.0.0.json";

  it("refuses a released version that was edited, removed, or never released", () => {
    const text = first.get(version) ?? "";
    expect(codes(check(after({ [version]: text.replace("Id.", "Its id.") })))).toEqual([
      `released_version_changed ${version}#`,
    ]);
    expect(codes(check(after({ [version]: undefined })))).toEqual([
      "released_version_removed catalog.lock.json#/digests/door.opened~11.0.0",
    ]);
    const stray = "door.opened/versions/1.0.1.json";
    const second = released(after({ [schema]: additive }), now);
    expect(codes(check(changed(second, { [stray]: text })))).toEqual([`unlocked_version ${stray}#`]);
  });

  it("does not mind how lines end", () => {
    const text = first.get(version) ?? "";
    expect(codes(check(after({ [version]: text.replaceAll("\n", "\r\n") })))).toEqual([]);
  });

  it("refuses an event type that was released and is gone, unless that is excused", () => {
    const two = releasedWith(gateFiles());
    const gone = changed(
      two,
      Object.fromEntries([...two.keys()].filter(isGate).map((file) => [file, undefined])),
    );
    expect(codes(check(gone))).toEqual(["event_type_removed gate.opened/schema.json#"]);
    const row = { ...exception({ rule: "event_type_removed", pointer: "" }), type: "gate.opened" };
    const excused = check(changed(gone, { "compat-exceptions.json": [row] }));
    expect(excused).toMatchObject({ ok: true, removed: ["gate.opened"], package: { bump: "major" } });
  });
});

describe("checkContracts against a baseline", () => {
  it("compares with a folder that has never run a release", () => {
    const report = check(sourcesWith({ [schema]: breaking }), {
      baseline: base(sourcesWith({ [schema]: original })),
    });
    expect(report.against).toBe("git:main");
    expect(report.problems.map(({ code, against }) => `${code} ${against}`)).toContain(
      "breaking_change 1.0.0",
    );
    expect(
      codes(
        check(sourcesWith({ [schema]: additive }), { baseline: base(sourcesWith({ [schema]: original })) }),
      ),
    ).toEqual([]);
  });

  it("leaves alone what the baseline has written but not released", () => {
    const pending = after({ [schema]: additive });
    expect(codes(check(after({}), { baseline: base(pending) }))).toEqual([]);
  });

  it("finds a release that is gone here, and one that says something else", () => {
    const one = first;
    const two = released(changed(one, { [schema]: additive }), now);
    const older = { [schema]: versioned("1.0.0", additive) };
    expect(codes(check(changed(one, older), { baseline: base(two) }))).toEqual([
      `missing_release ${schema}#`,
      `version_too_low ${schema}#/x-event/version`,
    ]);
    const other = releasedWith({ [schema]: described });
    expect(codes(check(other, { baseline: base(one) }))).toEqual([
      "released_version_changed door.opened/versions/1.0.0.json#",
    ]);
  });

  it("wants the last version of a major kept when the major is raised", () => {
    const raised = sourcesWith({ [schema]: versioned("2.0.0", breaking) });
    expect(codes(check(raised, { baseline: base(sourcesWith({ [schema]: original })) }))).toEqual([
      `missing_release ${schema}#`,
    ]);
  });

  it("finds an event type that is gone", () => {
    const report = check(sourcesWith(), { baseline: base(sourcesWith(gateFiles())) });
    expect(codes(report)).toEqual(["event_type_removed gate.opened/schema.json#"]);
    expect(report.removed).toEqual(["gate.opened"]);
  });
});

describe("checkContracts and changesets", () => {
  const pending = after({ [schema]: additive });

  it.each([
    [[], ["missing_changeset .changeset#"]],
    [["patch"], ["changeset_too_low .changeset/0.md#"]],
    [["patch", "minor"], []],
    [["major"], []],
  ])("with changesets for %j", (bumps, expected) => {
    expect(codes(check(pending, { changesets: changesets(...bumps) }))).toEqual(expected);
  });

  it("asks for none where nothing changed, and none of another package", () => {
    expect(codes(check(after({}), { changesets: new Map() }))).toEqual([]);
    const other = new Map([[".changeset/a.md", "---\n'@acme/events-extra': major\n---\n"]]);
    expect(codes(check(pending, { changesets: other }))).toEqual(["missing_changeset .changeset#"]);
  });

  it.each([
    "---\n'@acme/events': minor\n---\n",
    "---\r\n@acme/events: minor\r\n---\r\n",
    '---\n"a": patch\n"@acme/events" : "minor"\n---\n',
  ])("reads %j", (text) => {
    expect(codes(check(pending, { changesets: new Map([[".changeset/a.md", text]]) }))).toEqual([]);
  });
});

/** The exception that the only break of a change needs. */
function excuseOf(content: JsonObject): JsonObject {
  const { rule = "", pointer = "" } = check(after({ [schema]: content })).problems[0] ?? {};
  return exception({ rule, pointer });
}

function migrationTo(version: string): Readonly<Record<string, string>> {
  const major = Number(version.slice(0, 1));
  return { [`door.opened/migrations/v${major}-v1.ts`]: "export {};" };
}

function exception(change: { readonly rule: string; readonly pointer: string }): JsonObject {
  return { type: "door.opened", reason: "Agreed.", owner: "doors", expires: "2026-12-31", ...change };
}

function gateFiles(): Readonly<Record<string, Json>> {
  return {
    "gate.opened/schema.json": doorOpened(),
    "gate.opened/examples/front.json": { object: { id: "g1" } },
  };
}

function isGate(file: string): boolean {
  return file.startsWith("gate.opened/");
}
