import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { changed, releasedWith } from "../test-support/released.ts";
import { doorOpened, sourcesWith } from "../test-support/sources.ts";
import type { Sources } from "../sources.ts";
import { planChangesets } from "./changeset-plan.ts";
import { checkContracts } from "./check.ts";

const schema = "door.opened/schema.json";
const id = { description: "Id.", type: "string", maxLength: 20 };
const member = { description: "C.", type: "string", maxLength: 20 };
const additive = changed(releasedWith(), { [schema]: doorOpened({ members: { colour: member } }) });
const further = changed(releasedWith(), {
  [schema]: doorOpened({ members: { colour: member, size: member } }),
});
const migration = { "door.opened/migrations/v2-v1.ts": "export {};" };
const next = doorOpened({
  root: {
    "x-event": { ...(doorOpened()["x-event"] as JsonObject), version: "2.0.0" },
    properties: {
      object: { description: "The door.", type: "object", required: ["id"], properties: { id } },
    },
  },
});
const report = (sources: Sources) => checkContracts({ sources, now: new Date("2026-06-01T12:00:00Z") });
const plan = (sources: Sources, existing: Iterable<readonly [string, string]> = []) =>
  planChangesets(report(sources), new Map(existing));
const human = (bump: string) =>
  [[".changeset/mine.md", `---\n"@acme/events": ${bump}\n---\n\nText.\n`]] as const;

describe("planChangesets", () => {
  it("writes one for an event type that changed: bump, place, what to do", () => {
    const { write, remove, problems } = plan(additive);
    expect([remove, problems]).toEqual([[], []]);
    const [[file, text] = ["", ""], ...others] = write;
    expect(others).toEqual([]);
    expect(file).toMatch(/^\.changeset\/contract-door\.opened-[0-9a-f]{8}\.md$/);
    expect(
      text.startsWith('---\n"@acme/events": minor\n---\n\n`door.opened` 1.1.0, after 1.0.0:\n\n- '),
    ).toBe(true);
    expect(text).toContain("Read it where you need it and it is there. No subscriber breaks.");
    expect(text).toContain("at `/properties/object/properties/colour`)");
  });

  it("says of a removed member, which no validator misses, what to do before the new major", () => {
    const [[, text] = ["", ""]] = plan(changed(releasedWith(), { [schema]: next, ...migration })).write;
    expect(text).toContain('"@acme/events": major');
    expect(text).toContain("Stop reading it before you move to this version.");
    expect(text).toContain("Every subscriber whose code counts on what changed.");
  });

  it("writes the same once more, and then nothing", () => {
    const first = plan(additive);
    expect(plan(additive)).toEqual(first);
    expect(plan(additive, first.write)).toMatchObject({ write: new Map(), remove: [] });
  });

  it("replaces its own when the contract changes further, and removes it when nothing is left", () => {
    const first = plan(additive);
    const second = plan(further, first.write);
    expect(second.remove).toEqual([...first.write.keys()]);
    expect(second.write.size).toBe(1);
    expect(plan(releasedWith(), first.write)).toMatchObject({ write: new Map(), remove: second.remove });
  });

  it("leaves one alone that somebody has edited, unless it promises too little", () => {
    const [[file, text] = ["", ""]] = plan(additive).write;
    expect(plan(additive, [[file, `${text}More.\n`]])).toMatchObject({ write: new Map(), remove: [] });
    const low = plan(additive, [[file, text.replace("minor", "patch")]]);
    expect(low.problems.map(({ code, file: at }) => `${code} ${at}`)).toEqual([`changeset_too_low ${file}`]);
    expect([...low.write.keys()]).toEqual([file]);
  });

  it("reports a changeset of somebody that promises less, and makes up for it", () => {
    const low = plan(additive, human("patch"));
    expect(low.problems.map(({ code, file }) => `${code} ${file}`)).toEqual([
      "changeset_too_low .changeset/mine.md",
    ]);
    expect(plan(additive, [...human("patch"), ...low.write]).problems).toEqual([]);
    expect(plan(additive, human("major")).problems).toEqual([]);
  });

  it("tells of new event types, and of those that are gone", () => {
    const [[, text] = ["", ""]] = plan(sourcesWith()).write;
    expect(text).toContain("New event type `door.opened` 1.0.0: A door opened.");
    const { contracts } = report(releasedWith());
    const gone = { ...report(releasedWith()), contracts, removed: ["gate.opened"] };
    const [[file, farewell] = ["", ""]] = planChangesets(gone, new Map()).write;
    expect(file).toContain("contract-gate.opened-");
    expect(farewell).toContain('"@acme/events": major');
  });
});
