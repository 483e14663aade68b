import { describe, expect, it } from "vitest";
import { isDeeperThan } from "./json-depth.ts";

const nested = (depth: number) => Buffer.from("[".repeat(depth) + "]".repeat(depth));

describe("isDeeperThan", () => {
  it("counts what is open at once", () => {
    expect(isDeeperThan(nested(64), 64)).toBe(false);
    expect(isDeeperThan(nested(65), 64)).toBe(true);
    expect(isDeeperThan(Buffer.from(`[${"{},[],".repeat(1_000)}1]`), 2)).toBe(false);
    expect(isDeeperThan(Buffer.from('{"a":{"b":[1]}}'), 2)).toBe(true);
  });

  it("counts nothing within strings, and gets to the end of what is cut short", () => {
    expect(isDeeperThan(Buffer.from('["[[[[[[\\"[[[[", "{{{{\\\\"]'), 1)).toBe(false);
    for (const cut of ['"', '"\\', "[[", ""]) expect(isDeeperThan(Buffer.from(cut), 2)).toBe(false);
  });
});
