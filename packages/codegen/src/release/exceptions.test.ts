import { describe, expect, it } from "vitest";
import type { Json } from "../json.ts";
import { readExceptions } from "./exceptions.ts";

const row = {
  type: "door.opened",
  rule: "PROP_REMOVED",
  pointer: "/properties/object",
  reason: "Nobody has ever sent it.",
  owner: "doors@acme.example",
  expires: "2026-12-31",
};
const break_ = { type: row.type, rule: row.rule, pointer: row.pointer };
const at = (day: string) => new Date(day);
const problemsOf = (document: Json) =>
  readExceptions(document, at("2026-06-01")).problems.map(({ code, pointer }) => `${code} ${pointer}`);

describe("readExceptions", () => {
  it("excuses exactly the break it names", () => {
    const { excuse } = readExceptions([row], at("2026-06-01"));
    expect(excuse(break_)).toBe(true);
    expect(excuse({ ...break_, type: "door.closed" })).toBe(false);
    expect(excuse({ ...break_, rule: "TYPE_CHANGED" })).toBe(false);
    expect(excuse({ ...break_, pointer: "" })).toBe(false);
  });

  it.each([
    ["2026-12-31T23:59:59.999Z", true],
    ["2027-01-01T00:00:00.000Z", false],
  ])("at %s still excuses: %s", (now, holds) => {
    const { excuse, problems } = readExceptions([row], at(now));
    expect(excuse(break_)).toBe(holds);
    expect(problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(
      holds ? [] : ["exception_expired /0/expires"],
    );
  });

  it("reports what nobody needed", () => {
    const exceptions = readExceptions([row, { ...row, rule: "TYPE_CHANGED" }], at("2026-06-01"));
    exceptions.excuse(break_);
    expect(exceptions.unused().map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      "unused_exception /1",
    ]);
  });

  it.each(Object.keys(row))("asks for %s", (name) => {
    const { [name]: _gone, ...rest } = row as Readonly<Record<string, string>>;
    expect(problemsOf([rest])).toEqual([`invalid_exception /0/${name}`]);
    expect(problemsOf([{ ...row, [name]: 7 }])).toEqual([`invalid_exception /0/${name}`]);
  });

  it.each(["2026-02-30", "2026-13-01", "31.12.2026", "tomorrow", ""])(
    "does not take %j for a day",
    (expires) => {
      expect(problemsOf([{ ...row, expires }])).toEqual(["invalid_exception /0/expires"]);
    },
  );

  it.each([
    ["an object", {}, "invalid_exception "],
    ["a list of nothing much", [null], "invalid_exception /0"],
    ["an unknown member", [{ ...row, until: "x" }], "invalid_exception /0/until"],
  ])("refuses %s, and excuses nothing by it", (_name, document, problem) => {
    expect(problemsOf(document)).toEqual([problem]);
    expect(readExceptions(document, at("2026-06-01")).excuse(break_)).toBe(false);
  });
});
