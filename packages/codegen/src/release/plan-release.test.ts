import { describe, expect, it } from "vitest";
import { compareContracts } from "../diff/compare.ts";
import type { JsonObject } from "../json.ts";
import { readProject } from "../read-project.ts";
import { changed, released, releasedWith } from "../test-support/released.ts";
import { doorOpened, sourcesWith } from "../test-support/sources.ts";
import type { Sources } from "../sources.ts";
import { digestOf } from "./lock.ts";
import { planRelease } from "./plan-release.ts";

const now = new Date("2026-06-01T12:00:00Z");
const schema = "door.opened/schema.json";
const additive = doorOpened({ members: { colour: { description: "C.", type: "string", maxLength: 20 } } });

function plan(sources: Sources, day = now) {
  const made = planRelease({ sources, now: day });
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  const json = (file: string) => JSON.parse(made.files.get(file) ?? "null") as unknown;
  return { ...made, names: [...made.files.keys()].toSorted(), json };
}

const nameOf = (sources: Sources) =>
  (JSON.parse(sources.get("catalog.lock.json") ?? "") as { release: string }).release;

const bare = (members: object) => JSON.stringify({ type: "object", properties: members });

describe("planRelease", () => {
  it("writes a first release: version with examples, changelog, lock with digests", () => {
    const { names, versions, json, files } = plan(sourcesWith());
    const version = "door.opened/versions/1.0.0.json";
    expect(versions).toEqual([{ type: "door.opened", version: "1.0.0", after: null, bump: "first" }]);
    expect(names).toEqual(["catalog.lock.json", "door.opened/changelog.json", version]);
    expect(json(version)).toMatchObject({
      "x-event": { version: "1.0.0" },
      examples: [{ object: { id: "d1", by: "key" } }],
    });
    expect(json("door.opened/changelog.json")).toEqual([
      { version: "1.0.0", released: "2026-06-01", bump: "first", changes: [] },
    ]);
    expect(json("catalog.lock.json")).toEqual({
      release: "2026-06-01",
      events: { "door.opened": "1.0.0" },
      digests: { "door.opened/1.0.0": digestOf(files.get(version) ?? "") },
    });
  });

  it("writes a version that a comparison tells from its source by nothing, examples included", () => {
    const sources = releasedWith({ "door.opened/examples/more.json": { object: { id: "d2" } } });
    const version = JSON.parse(sources.get("door.opened/versions/1.0.0.json") ?? "") as JsonObject;
    expect(version["examples"]).toHaveLength(2);
    expect(compareContracts(version, doorOpened())).toMatchObject({ changes: [], bump: "none" });
  });

  it("bundles what a version refers to, so that nothing can change under it", () => {
    const files = {
      [schema]: doorOpened({
        members: { place: { description: "Where.", $ref: "../common/place.schema.json" } },
      }),
      "common/place.schema.json": { type: "string", maxLength: 9 },
    };
    const { json } = plan(sourcesWith(files));
    expect(json("door.opened/versions/1.0.0.json")).toMatchObject({
      properties: { object: { properties: { place: { $ref: "#/$defs/place" } } } },
      $defs: { place: { type: "string", maxLength: 9 } },
    });
  });

  it("computes the next version, sets it, and says what changed", () => {
    const text = JSON.stringify(additive, null, 3).replace('"version": "1.0.0"', '"version"  :"1.0.0"');
    const { versions, names, files, json } = plan(changed(releasedWith(), { [schema]: text }));
    expect(versions).toEqual([{ type: "door.opened", version: "1.1.0", after: "1.0.0", bump: "minor" }]);
    expect(names).toEqual([
      "catalog.lock.json",
      "door.opened/changelog.json",
      schema,
      "door.opened/versions/1.1.0.json",
    ]);
    expect(files.get(schema)).toBe(text.replace('"version"  :"1.0.0"', '"version"  :"1.1.0"'));
    expect(json("door.opened/changelog.json")).toMatchObject([
      {
        version: "1.1.0",
        released: "2026-06-01",
        bump: "minor",
        changes: [
          {
            pointer: "/properties/object/properties/colour",
            message: "object.colour is new and optional. Read it where you need it and it is there.",
            subscriber: "ok",
            replay: "ok",
            affected: "No subscriber breaks.",
          },
        ],
      },
      { version: "1.0.0", released: "2026-03-01", bump: "first" },
    ]);
  });

  it("leaves alone a schema that does not state its version", () => {
    const config = { package: "@acme/events", source: "acme", lint: "relaxed" };
    const first = released(
      new Map([
        ["hooks.schemas.json", JSON.stringify(config)],
        ["ping/schema.json", bare({ a: { type: "string" } })],
      ]),
    );
    const second = changed(first, {
      "ping/schema.json": bare({ a: { type: "string" }, b: { type: "null" } }),
    });
    const { names, versions } = plan(second);
    expect(versions).toEqual([{ type: "ping", version: "1.1.0", after: "1.0.0", bump: "minor" }]);
    expect(names).toEqual(["catalog.lock.json", "ping/changelog.json", "ping/versions/1.1.0.json"]);
    expect(plan(released(second, now)).names).toEqual([]);
  });

  it("has nothing to do a second time, on whatever day", () => {
    const second = released(changed(releasedWith(), { [schema]: additive }), now);
    const later = plan(second, new Date("2027-01-01T00:00:00Z"));
    expect(later).toMatchObject({ versions: [], names: [] });
    expect(readProject(second).ok).toBe(true);
  });

  it("gives the same files for the same folder", () => {
    const sources = changed(releasedWith(), { [schema]: additive });
    const reversed = new Map([...sources].toReversed());
    expect([...plan(sources).files].toSorted()).toEqual([...plan(reversed).files].toSorted());
  });

  it("does not touch what was released when only examples are added", () => {
    const files = { "door.opened/examples/more.json": { object: { id: "d2" } } };
    expect(plan(changed(releasedWith(), files)).names).toEqual([]);
  });

  it("takes releases from before there was a lock as they are", () => {
    const old = {
      "door.opened/versions/1.0.0.json": doorOpened({ root: { examples: [{ object: { id: "d" } }] } }),
    };
    const { names, versions } = plan(sourcesWith(old));
    expect(versions).toEqual([]);
    expect(names).toEqual(["catalog.lock.json", "door.opened/changelog.json"]);
  });

  it("forgets an event type whose removal was excused", () => {
    const gate = {
      "gate.opened/schema.json": doorOpened(),
      "gate.opened/examples/a.json": { object: { id: "g" } },
    };
    const two = releasedWith(gate);
    const files = [...two.keys()].filter((file) => file.startsWith("gate.opened/"));
    const excuse = {
      type: "gate.opened",
      rule: "event_type_removed",
      pointer: "",
      reason: "Announced a year ago.",
      owner: "doors",
      expires: "2026-12-31",
    };
    const gone = Object.fromEntries(files.map((file) => [file, undefined]));
    const { names, json } = plan(changed(two, { ...gone, "compat-exceptions.json": [excuse] }));
    expect(names).toEqual(["catalog.lock.json"]);
    expect(json("catalog.lock.json")).toMatchObject({ events: { "door.opened": "1.0.0" } });
  });

  it("tells two releases of one day apart", () => {
    const first = released(sourcesWith(), now);
    const second = released(changed(first, { [schema]: additive }), now);
    const text = JSON.stringify(additive).replace("1.0.0", "1.1.0").replace('"C."', '"Colour."');
    const third = released(changed(second, { [schema]: text }), now);
    expect([first, second, third].map(nameOf)).toEqual(["2026-06-01", "2026-06-01.2", "2026-06-01.3"]);
  });

  it.each([
    [
      "a break",
      {
        [schema]: doorOpened({
          members: { id: { description: "Id.", type: "integer", minimum: 0, maximum: 9 } },
        }),
      },
      "breaking_change",
    ],
    ["an edited release", { "door.opened/versions/1.0.0.json": "{}" }, "released_version_changed"],
    ["a removed release", { "door.opened/versions/1.0.0.json": undefined }, "released_version_removed"],
    [
      "a chosen version",
      { [schema]: JSON.stringify(additive).replace("1.0.0", "1.5.0") },
      "version_too_high",
    ],
    ["a broken example", { "door.opened/examples/front.json": {} }, "invalid_example"],
  ])("refuses %s", (_name, changes, code) => {
    const made = planRelease({ sources: changed(releasedWith(), changes), now });
    expect(made.ok ? [] : made.problems.map((problem) => problem.code)).toContain(code);
  });
});
