import { describe, expect, it } from "vitest";
import { nothingToDo, type Rule } from "./rule.ts";
import { rules } from "./rules.ts";

const rows: readonly (readonly [string, Rule])[] = Object.entries(rules);

function mayBeMajor({ subscriber, replay, bump }: Rule): boolean {
  return bump === "major" || [subscriber, replay].some((effect) => effect !== "ok");
}

describe("rules", () => {
  it.each(rows)("%s says what happened and what to do, a sentence each", (_id, { message, action }) => {
    const happened = message({ where: "order.id", keyword: "Keyword", from: "this", to: "that" });
    for (const text of [happened, action]) expect(text).toMatch(/^\S.*[^.]\.$/);
    expect(happened).not.toContain("undefined");
  });

  it("ask for something wherever the bump may be major", () => {
    const idle = rows.filter(([, rule]) => mayBeMajor(rule) && rule.action === nothingToDo);
    expect(idle.map(([id]) => id)).toEqual([]);
  });
});
