import { describe, expect, it } from "vitest";
import { failedReport, type CheckReport } from "./check.ts";
import { reportFormats } from "./report.ts";

const nasty = "a\r\n::error::b, c: 100% <&>\"' ]]> \u0000\u0007\ud800 ü😀";
const report: CheckReport = {
  ...failedReport(
    [
      {
        code: "breaking_change",
        file: "door.opened/schema.json",
        pointer: "/properties/object",
        message: nasty,
        type: "door.opened",
        rule: "TYPE_CHANGED",
        against: "1.0.0",
        counterexample: { object: { by: "axe" } },
      },
      { code: "missing_changeset", file: ".changeset", pointer: "", message: "No changeset." },
    ],
    "git:main",
  ),
  package: { name: "@acme/events", bump: "major" },
  contracts: [
    {
      type: "door.opened",
      summary: "A door opened",
      declared: "1.0.0",
      released: "1.0.0",
      required: "2.0.0",
      bump: "major",
      changes: [],
    },
    {
      type: "gate.opened",
      summary: "A gate opened",
      declared: "1.0.0",
      released: "1.0.0",
      required: "1.0.0",
      bump: "none",
      changes: [],
    },
  ],
  notices: [{ code: "unused_exception", file: "compat-exceptions.json", pointer: "/0", message: "Unused." }],
};
const sources = new Map([
  ["door.opened/schema.json", '{\n  "type": "object",\n  "properties": {\n    "object": {}\n  }\n}'],
  ["compat-exceptions.json", "[ broken"],
]);
const context = { sources, schemas: "events, all: of/them" };

describe("reportFormats", () => {
  it("text names the version, every problem with its payload, and the bump of the package", () => {
    const text = reportFormats.text(report, context);
    expect(text).toContain("door.opened 1.0.0 → 2.0.0: major\n");
    expect(text).toContain("door.opened/schema.json#/properties/object: a");
    expect(text).toContain('{"object":{"by":"axe"}}');
    expect(text).toContain("The next release of @acme/events is major.\n");
    expect(text).not.toContain("gate.opened");
  });

  it("text shows the beginning of a payload that is too long to read", () => {
    const long = {
      ...failedReport([{ ...report.problems[0], counterexample: "x".repeat(9_999) } as never], null),
    };
    const text = reportFormats.text(long, context);
    expect(text).toContain(`${"x".repeat(400)}`);
    expect(text).toContain("… (10001 characters)");
    expect(text.length).toBeLessThan(1_500);
  });

  it("json is the report", () => {
    expect(JSON.parse(reportFormats.json(report, context))).toEqual(JSON.parse(JSON.stringify(report)));
    expect(report.schemaVersion).toBe(1);
  });

  it("github gives one command a line, whatever the message holds", () => {
    const [error, changeset, notice, ...rest] = reportFormats.github(report, context).split("\n");
    const file = "file=events%2C all%3A of/them/door.opened/schema.json,line=4,title=breaking_change";
    expect(error).toContain(
      `::error ${file}::door.opened/schema.json#/properties/object: a%0D%0A::error::b, c: 100%25`,
    );
    expect(changeset).toMatch(/^::error file=\.changeset,line=1,title=missing_changeset::/);
    expect(notice).toContain("::notice file=events%2C all%3A of/them/compat-exceptions.json,line=1,");
    expect(rest).toEqual([""]);
  });

  it("junit is XML, whatever the message holds", () => {
    const xml = reportFormats.junit(report, context);
    expect(xml).toContain('tests="3" failures="2"');
    expect(xml).toContain('<testcase classname="contracts" name="gate.opened"/>');
    expect(xml).toContain("100% &lt;&amp;&gt;&quot;&apos; ]]&gt; \uFFFD\uFFFD\uFFFD ü😀");
    // What is left between the tags is text without a character that XML gives a meaning, or cannot hold.
    const text = xml.replaceAll(/<[^<>]*>/g, "").replaceAll(/&(?:amp|lt|gt|quot|apos);/g, "");
    expect(text).not.toMatch(/[<>&]/);
    expect(xml.isWellFormed()).toBe(true);
  });
});
