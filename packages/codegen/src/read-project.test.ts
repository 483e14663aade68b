import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "./json.ts";
import { readProject } from "./read-project.ts";
import { digestOf } from "./release/lock.ts";
import { doorOpened, sourcesWith } from "./test-support/sources.ts";

function problemsOf(changes: Readonly<Record<string, Json | string | undefined>>): readonly string[] {
  const read = readProject(sourcesWith(changes));
  return read.ok ? [] : read.problems.map(({ code, file, pointer }) => `${code} ${file}#${pointer}`);
}

const inObject = (members: JsonObject) => problemsOf({ "door.opened/schema.json": doorOpened({ members }) });
const at = (rest: string) => `door.opened/schema.json#/properties/object${rest}`;

function lockOf(released: string): JsonObject {
  const digests = { "door.opened/1.0.0": digestOf(released) };
  return { release: "2026-11-20", events: { "door.opened": "1.0.0" }, digests };
}

describe("readProject", () => {
  it("reads a faultless folder", () => {
    const read = readProject(sourcesWith());
    expect(read).toMatchObject({
      ok: true,
      project: { config: { package: "@acme/events", source: "acme" }, contracts: [{ type: "door.opened" }] },
    });
  });

  it.each([
    ["x-sensitiv", "pii", "unknown_annotation"],
    ["x-lifecicle", "stable", "unknown_annotation"],
    ["x-whatever", 1, "unknown_annotation"],
    ["x-sensitive", "personal", "invalid_annotation"],
    ["x-open-enum", "yes", "invalid_annotation"],
    ["maxLenght", 5, "unknown_keyword"],
    ["patternProperties", {}, "unknown_keyword"],
    ["unevaluatedProperties", false, "unknown_keyword"],
    ["not", {}, "unknown_keyword"],
    ["constructor", {}, "unknown_keyword"],
    ["maxLength", "5", "invalid_keyword"],
    ["format", "shoe-size", "invalid_keyword"],
  ])("refuses %s: %j", (keyword, value, code) => {
    expect(inObject({ note: { description: "A note.", type: "string", [keyword]: value } })).toEqual([
      `${code} ${at(`/properties/note/${keyword}`)}`,
    ]);
  });

  it("suggests what a misspelt annotation was meant to be", () => {
    const schema = doorOpened({
      members: { note: { description: "N.", type: "string", "x-sensitve": "pii" } },
    });
    const read = readProject(sourcesWith({ "door.opened/schema.json": schema }));
    expect(!read.ok && read.problems[0]?.message).toContain("Did you mean x-sensitive?");
  });

  it.each<[string, JsonObject, string]>([
    ["a member without description", { note: { type: "string" } }, "undescribed /properties/note"],
    ["a member without type", { note: { description: "N." } }, "untyped /properties/note"],
    [
      "an unbounded integer",
      { n: { description: "N.", type: "integer", minimum: 0 } },
      "unbounded_integer /properties/n",
    ],
    [
      "an integer beyond 2^53",
      { n: { description: "N.", type: "integer", minimum: 0, maximum: 9007199254740992 } },
      "unbounded_integer /properties/n",
    ],
    [
      "an object that says nothing",
      { n: { description: "N.", type: "object" } },
      "object_without_properties /properties/n",
    ],
    ["camelCase", { noteText: { description: "N.", type: "string" } }, "member_name /properties/noteText"],
    [
      "a union without discriminator",
      { n: { description: "N.", oneOf: [{ type: "string" }, { type: "number" }] } },
      "union_without_discriminator /properties/n/oneOf",
    ],
    [
      "anyOf of two things",
      { n: { description: "N.", anyOf: [{ type: "string" }, { type: "number" }] } },
      "any_of_beyond_null /properties/n/anyOf",
    ],
    [
      "a pattern that no small automaton can match",
      { n: { description: "N.", type: "string", pattern: "^(a|b)*a(a|b){40}$" } },
      "pattern /properties/n/pattern",
    ],
    [
      "a keyword beside $ref",
      { n: { description: "N.", $ref: "#/$defs/x", maxLength: 3 } },
      "keyword_beside_ref /properties/n/maxLength",
    ],
    [
      "x-redact of what is not sensitive",
      { n: { description: "N.", type: "string", "x-redact": "mask" } },
      "redact_without_sensitive /properties/n/x-redact",
    ],
  ])("refuses %s", (_name, members, expected) => {
    const [code = "", pointer = ""] = expected.split(" ");
    expect(inObject(members)).toContain(`${code} ${at(pointer)}`);
  });

  it("lets style pass where the folder asks for relaxed linting, but never what validation needs", () => {
    const config = { package: "@acme/events", source: "acme", lint: "relaxed" };
    const relaxed = (members: JsonObject) =>
      problemsOf({ "hooks.schemas.json": config, "door.opened/schema.json": doorOpened({ members }) });
    expect(relaxed({ note: { type: "string" }, n: { type: "integer" } })).toEqual([]);
    expect(relaxed({ note: { type: "string", "x-sensitiv": "pii" } })).toHaveLength(1);
  });

  it.each(["https://example.com/money.json", "file:///etc/passwd", "//example.com/money.json"])(
    "never fetches %s",
    (reference) => {
      expect(inObject({ n: { description: "N.", $ref: reference } })).toEqual([
        `remote_reference ${at("/properties/n/$ref")}`,
      ]);
    },
  );

  it.each([
    "/etc/passwd",
    "../../../../etc/passwd",
    "../common/missing.schema.json",
    "#/properties/object",
    "#/$defs/missing",
    "#",
  ])("does not follow the reference %s", (reference) => {
    expect(inObject({ n: { description: "N.", $ref: reference } })).toEqual([
      `unresolved_reference ${at("/properties/n/$ref")}`,
    ]);
  });

  it("refuses two definitions of one name", () => {
    const shared = { type: "object", properties: { a: { description: "A.", type: "string" } } };
    const schema = doorOpened({
      members: {
        a: { description: "A.", $ref: "#/$defs/money" },
        b: { description: "B.", $ref: "../common/money.schema.json" },
      },
      root: { $defs: { money: shared } },
    });
    expect(problemsOf({ "door.opened/schema.json": schema, "common/money.schema.json": shared })).toEqual([
      `definition_name_conflict ${at("/properties/b/$ref")}`,
    ]);
  });

  it.each([
    ["door.opened/exmaples/front.json", "{}"],
    ["door.opened/versions/1.0.json", "{}"],
    ["Door/schema.json", "{}"],
    ["door/schema.json", "{}"],
    ["commons/money.schema.json", "{}"],
    ["__proto__/schema.json", "{}"],
  ])("has no place for %s", (file, content) => {
    expect(problemsOf({ [file]: content })).toContain(`misplaced_file ${file}#`);
  });

  it.each([
    ["door.opened/schema.json", "{", "invalid_json"],
    ["door.opened/schema.json", "[]", "invalid_schema"],
    ["door.opened/schema.json", "null", "invalid_schema"],
    ["door.opened/examples/front.json", "", "invalid_json"],
    ["door.opened/examples/front.json", "[".repeat(50_000) + "]".repeat(50_000), "too_deep"],
    ["door.opened/invalid/no-id.json", "{}", "invalid_fixture"],
    ["hooks.schemas.json", "7", "invalid_config"],
  ])("names %s when it holds what cannot be read", (file, content, code) => {
    expect(problemsOf({ [file]: content })).toContain(`${code} ${file}#`);
  });

  it("refuses unknown and malformed settings", () => {
    const config = { package: "Not A Package", source: "acme", lnt: "strict" };
    expect(problemsOf({ "hooks.schemas.json": config })).toEqual([
      "invalid_config hooks.schemas.json#/lnt",
      "invalid_config hooks.schemas.json#/package",
    ]);
  });

  it("refuses an example that the contract refuses, and points into its file", () => {
    expect(problemsOf({ "door.opened/examples/front.json": { object: { id: "d1", by: "axe" } } })).toEqual([
      "invalid_example door.opened/examples/front.json#/object/by",
    ]);
  });

  it("refuses a contract without examples", () => {
    expect(problemsOf({ "door.opened/examples/front.json": undefined })).toEqual([
      "missing_examples door.opened/schema.json#",
    ]);
  });

  it.each([
    ["passes after all", { object: { id: "d1" } }],
    ["fails elsewhere", { object: { id: 1 } }],
    ["fails twice", { object: { by: "axe" } }],
  ])("refuses an invalid example that %s", (_name, data) => {
    const expected = { pointer: "/object/id", keyword: "required" };
    expect(problemsOf({ "door.opened/invalid/no-id.json": { why: "x", data, expect: expected } })).toEqual([
      "unexpected_verdict door.opened/invalid/no-id.json#/expect",
    ]);
  });

  it("asks a thin event for its resource", () => {
    const event = { version: "1.0.0", group: "doors", summary: "S", trigger: "T", payload: "thin" };
    expect(problemsOf({ "door.opened/schema.json": doorOpened({ root: { "x-event": event } }) })).toEqual([
      "data_shape door.opened/schema.json#/required",
    ]);
  });

  it("asks x-event for all its members and no others", () => {
    const event = { version: "1.0", group: "doors", summary: "S", trigger: "T", paylod: "full" };
    expect(problemsOf({ "door.opened/schema.json": doorOpened({ root: { "x-event": event } }) })).toEqual([
      "invalid_annotation door.opened/schema.json#/x-event/paylod",
      "invalid_annotation door.opened/schema.json#/x-event/version",
      "invalid_annotation door.opened/schema.json#/x-event/payload",
    ]);
  });

  it("wants x-event at the root and nowhere else", () => {
    const event = { version: "1.0.0" };
    expect(inObject({ note: { description: "N.", type: "string", "x-event": event } })).toEqual([
      `misplaced_annotation ${at("/properties/note/x-event")}`,
    ]);
  });

  it("asks a deprecated contract for its end", () => {
    const root = { "x-lifecycle": "deprecated" };
    expect(problemsOf({ "door.opened/schema.json": doorOpened({ root }) })).toEqual([
      "missing_deprecation door.opened/schema.json#/x-lifecycle",
    ]);
    const withEnd = (end: JsonObject) =>
      problemsOf({ "door.opened/schema.json": doorOpened({ root: { ...root, "x-deprecation": end } }) });
    const effective = "2026-06-01T00:00:00Z";
    expect(withEnd({ effective, removal: "2027-01-01", alternative: "gate.opened" })).toEqual([]);
    expect(withEnd({ effective })).toEqual([]);
    for (const end of [{ removal: "2027-01-01" }, { effective: "soon" }, { effective: "2026-02-30" }])
      expect(withEnd(end)).toEqual(["invalid_deprecation door.opened/schema.json#/x-deprecation/effective"]);
    for (const removal of ["2026-05-31", "later"])
      expect(withEnd({ effective, removal })).toEqual([
        "invalid_deprecation door.opened/schema.json#/x-deprecation/removal",
      ]);
  });

  it.each(["strict", "relaxed"])("lets a %s folder keep only behind flags what may be absent", (lint) => {
    const flag = { "x-feature-flag": ["beta"] };
    const config = { package: "@acme/events", source: "acme", lint };
    const problems = (changes: Parameters<typeof doorOpened>[0], files = {}) =>
      problemsOf({
        "hooks.schemas.json": config,
        "door.opened/schema.json": doorOpened(changes),
        ...files,
      });
    const text = { description: "T.", type: "string", maxLength: 9 };
    expect(problems({ root: flag, members: { note: { ...text, ...flag } } })).toEqual([]);
    expect(problems({ members: { id: { ...text, ...flag } } })).toEqual([
      `flagged_required ${at("/properties/id/x-feature-flag")}`,
    ]);
    const list = { description: "L.", type: "array", maxItems: 2, items: { ...text, ...flag } };
    expect(problems({ members: { list } })).toEqual([
      `misplaced_feature_flag ${at("/properties/list/items/x-feature-flag")}`,
    ]);
    const few = {
      description: "F.",
      type: "object",
      minProperties: 1,
      properties: { a: { ...text, ...flag } },
    };
    expect(problems({ members: { few } })).toEqual([
      `flagged_required ${at("/properties/few/minProperties")}`,
    ]);
    expect(problems({}, { "common/text.schema.json": { ...text, ...flag } })).toEqual([
      "misplaced_feature_flag common/text.schema.json#/x-feature-flag",
    ]);
  });

  it("asks for a length beside a pattern", () => {
    const note = { description: "N.", type: "string", pattern: "^a+$" };
    expect(inObject({ note })).toEqual([`unbounded_pattern ${at("/properties/note/pattern")}`]);
    expect(inObject({ note: { ...note, maxLength: 2_000 } })).toEqual([]);
  });

  it("refuses a release that is no longer what was released", () => {
    const released = JSON.stringify(doorOpened());
    const files = { "door.opened/versions/1.0.0.json": released };
    expect(problemsOf({ ...files, "catalog.lock.json": lockOf(released) })).toEqual([]);
    expect(problemsOf({ ...files, "catalog.lock.json": lockOf(`${released} `) })).toEqual([
      "released_version_changed door.opened/versions/1.0.0.json#",
    ]);
  });

  it.each([
    "[]",
    "7",
    '{ "release": "x", "events": {} }',
    '{ "release": "x", "events": {}, "digests": { "../x": "y" } }',
  ])("refuses the lock %s", (lock) => {
    expect(problemsOf({ "catalog.lock.json": lock })).toEqual(["invalid_lock catalog.lock.json#"]);
  });

  it("never gives a released number to another contract", () => {
    const files = { "door.opened/versions/1.0.0.json": doorOpened() };
    const changed = doorOpened({ members: { colour: { description: "C.", type: "string" } } });
    const read = readProject(sourcesWith({ ...files, "door.opened/schema.json": changed }));
    const [contract] = read.ok ? read.project.contracts : [];
    expect(contract?.declared).toBe("1.0.0");
    expect(contract?.versions.map(({ version }) => version)).toEqual(["1.0.0", "1.1.0"]);
    expect(contract?.majors[0]).toMatchObject({
      version: "1.1.0",
      schema: { "x-event": { version: "1.1.0" } },
    });
  });

  describe("with a change that breaks its release", () => {
    const older = doorOpened({ members: { colour: { description: "C.", type: "string", maxLength: 9 } } });
    const newer = doorOpened({ members: { colour: { description: "C.", type: "boolean" } } });
    const files = { "door.opened/versions/1.0.0.json": older, "door.opened/schema.json": newer };
    const exception = {
      type: "door.opened",
      rule: "TYPE_CHANGED",
      pointer: "/properties/object/properties/colour/type",
      reason: "R",
      owner: "O",
      expires: "2020-01-01",
    };

    it("says that its major has to be raised, as the check does", () => {
      const read = readProject(sourcesWith(files));
      const [problem, ...others] = read.ok ? [] : read.problems;
      expect(others).toEqual([]);
      expect(problem).toMatchObject({ code: "breaking_change", file: "door.opened/schema.json" });
      expect(problem?.message).toContain("raise x-event.version to 2.0.0");
      expect(Object.keys(problem ?? {})).toEqual(["code", "file", "pointer", "message"]);
    });

    it("reads it all the same where that is asked for", () => {
      expect(readProject(sourcesWith(files), { breaks: true }).ok).toBe(true);
    });

    it("numbers it as a minor where somebody answers for it", () => {
      const read = readProject(sourcesWith({ ...files, "compat-exceptions.json": [exception] }));
      expect(read.ok ? read.project.contracts[0]?.majors[0].version : read.problems).toBe("1.1.0");
    });
  });

  it("refuses a schema that states an older version than has been released", () => {
    expect(problemsOf({ "door.opened/versions/1.2.0.json": doorOpened() })).toEqual([
      "version_too_low door.opened/schema.json#/x-event/version",
    ]);
  });

  it("asks for converters between majors", () => {
    const event = { version: "2.0.0", group: "doors", summary: "S", trigger: "T", payload: "full" };
    const files = {
      "door.opened/versions/1.0.0.json": doorOpened({ root: { examples: [{ object: { id: "d" } }] } }),
      "door.opened/schema.json": doorOpened({ root: { "x-event": event } }),
    };
    expect(problemsOf(files)).toEqual(["missing_migration door.opened/schema.json#"]);
    const migrated = { ...files, "door.opened/migrations/v2-v1.ts": "export {};" };
    expect(problemsOf(migrated)).toEqual([]);
    expect(problemsOf({ ...migrated, "door.opened/migrations/v1-v2.ts": "" })).toEqual([
      "unknown_migration door.opened/migrations/v1-v2.ts#",
    ]);
  });

  it("reports the problems of several files at once", () => {
    expect(
      problemsOf({ "hooks.schemas.json": "{", "door.opened/schema.json": "{", "readme.json": "{" }).length,
    ).toBeGreaterThanOrEqual(3);
  });
});
