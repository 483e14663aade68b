import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { readProject } from "../read-project.ts";
import { contractInfo } from "../render/contract-info.ts";
import { changed, released, releasedWith } from "../test-support/released.ts";
import { doorOpened } from "../test-support/sources.ts";
import { baselineOfPackage } from "./baseline.ts";
import { checkContracts } from "./check.ts";
import { planRelease } from "./plan-release.ts";

const now = new Date("2026-06-01T12:00:00Z");
const schema = "door.opened/schema.json";
const file = "door.opened/deprecations.json";
const said = { effective: "2027-01-31", removal: "2027-07-31T00:00:00Z", alternative: "2" };
const next = doorOpened({
  members: { id: { description: "Id.", type: "integer", minimum: 0, maximum: 9 } },
  root: { "x-event": { ...(doorOpened()["x-event"] as JsonObject), version: "2.0.0" } },
});
/** 1.0.0 and 2.0.0 have been released. */
const second = released(
  changed(releasedWith(), {
    [schema]: next,
    "door.opened/examples/front.json": { object: { id: 1, by: "key" } },
    "door.opened/migrations/v2-v1.ts": "export {};",
  }),
  now,
);

function infoOf(deprecations: JsonObject) {
  const read = readProject(changed(second, { [file]: deprecations }));
  const contract = read.ok ? read.project.contracts[0] : undefined;
  if (contract === undefined) throw new Error("The folder cannot be read.");
  return contractInfo(contract);
}

function problemsOf(deprecations: unknown): readonly string[] {
  const read = readProject(changed(second, { [file]: JSON.stringify(deprecations) }));
  return read.ok ? [] : read.problems.map(({ code, file: at, pointer }) => `${code} ${at}#${pointer}`);
}

describe("deprecations.json", () => {
  it("deprecates every version of an older major in the catalogue, and no other", () => {
    const info = infoOf({ "1": said });
    expect(info.olderSchemas["1.0.0"]).toMatchObject({ "x-lifecycle": "deprecated", "x-deprecation": said });
    expect(info.schema).not.toHaveProperty("x-deprecation");
    expect([info.latest, info.lifecycle]).toEqual(["2.0.0", "stable"]);
  });

  it("changes no released file, and is nothing to release", () => {
    const sources = changed(second, { [file]: { "1": said } });
    expect(checkContracts({ sources, now })).toMatchObject({ ok: true, package: { bump: "none" } });
    expect(planRelease({ sources, now })).toMatchObject({ ok: true, versions: [], files: new Map() });
  });

  it.each([{}, { "1": said }])("stands against a package that was published with %j", (before) => {
    const catalog = JSON.parse(JSON.stringify({ "door.opened": infoOf(before) })) as JsonObject;
    const baseline = baselineOfPackage({ name: "npm:@acme/events@2.0.0", catalog });
    const sources = changed(second, { [file]: { "1": { ...said, removal: "2028-01-31" } } });
    expect(checkContracts({ sources, now, baseline }).problems).toEqual([]);
  });

  it.each([
    [[], ""],
    [{ "1": null }, "/1"],
    [{ "1": {} }, "/1/effective"],
    [{ "1": { ...said, effective: "soon" } }, "/1/effective"],
    [{ "1": { ...said, removal: "2026-01-01" } }, "/1/removal"],
    [{ "1": { ...said, until: "2027-01-01" } }, "/1/until"],
    [{ "1": { ...said, alternative: 2 } }, "/1/alternative"],
    [{ "2": said }, "/2"],
    [{ "3": said }, "/3"],
    [{ v1: said }, "/v1"],
    [{ "1.0.0": said }, "/1.0.0"],
  ])("refuses %j", (content, pointer) => {
    expect(problemsOf(content)).toEqual([`invalid_deprecation ${file}#${pointer}`]);
  });
});
