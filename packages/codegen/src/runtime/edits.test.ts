import { describe, expect, it } from "vitest";
import { edited } from "./edits.ts";

const value = { a: { b: [1, 2] }, "c/d~": null };

describe("edited", () => {
  it("replaces, adds and removes what pointers name, and shares the rest", () => {
    const changed = edited(value, [["/a/b/1", 3], ["/e", "x"], ["/c~1d~0"]]);
    expect(changed).toEqual({ a: { b: [1, 3] }, e: "x" });
    expect(edited(value, [["/e", 1]])).toHaveProperty("a", value.a);
    expect((edited(value, [["/e", 1]]) as typeof value).a).toBe(value.a);
    expect(value).toEqual({ a: { b: [1, 2] }, "c/d~": null });
  });

  it("replaces the whole, writes repeated texts, and takes any name for a member", () => {
    expect(edited(value, [["", null]])).toBeNull();
    expect(edited(null, [["", 1]])).toBe(1);
    expect(edited({ a: "" }, [["/a", "xy", 3]])).toEqual({ a: "xyxyxy" });
    expect(JSON.stringify(edited({}, [["/__proto__", 1]]))).toBe('{"__proto__":1}');
  });

  it("gives nothing where there is no place for an edit", () => {
    expect(edited(value, [["/x/y", 1]])).toBeUndefined();
    expect(edited(value, [["/c~1d~0/y", 1]])).toBeUndefined();
    expect(edited(value, [["/a/b/7/z", 1]])).toBeUndefined();
  });
});
