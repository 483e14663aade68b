import { describe, expect, it } from "vitest";
import { readSubject } from "./subject.ts";

describe("readSubject", () => {
  const body = Buffer.from('{"subject":"inv_1","data":{"object":{"id":7},"none":null},"empty":""}');

  it("reads texts and numbers, however deep", () => {
    expect(readSubject(body, "subject")).toBe("inv_1");
    expect(readSubject(body, "data.object.id")).toBe("7");
  });

  it("finds nothing where there is something else, or no JSON", () => {
    for (const path of ["data", "data.none", "data.none.id", "subject.length", "empty", "", "missing"]) {
      expect(readSubject(body, path), path).toBeUndefined();
    }
    expect(readSubject(body, "constructor.name")).toBeUndefined();
    expect(readSubject(Buffer.from([0xff]), "subject")).toBeUndefined();
    expect(readSubject(Buffer.from("null"), "subject")).toBeUndefined();
  });

  it("takes no more than the beginning of a long one", () => {
    const long = Buffer.from(JSON.stringify({ subject: "x".repeat(100_000) }));
    expect(readSubject(long, "subject")).toBe("x".repeat(256));
  });
});
