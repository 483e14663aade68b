import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundingOf } from "./exact-number.ts";

describe("roundingOf", () => {
  it.each([
    "0",
    "-0",
    "0.0",
    "0e99999",
    "1.50",
    "0.1",
    "0.10000000000000001",
    "3.14159265358979323846",
    "9007199254740991",
    "9007199254740992",
    "18446744073709551616",
    "1e23",
    "100E-2",
    "1.7976931348623157e308",
    "5e-324",
  ])("lets %s be", (token) => {
    expect(roundingOf(token)).toBeUndefined();
  });

  it.each([
    ["9007199254740993", "9007199254740992"],
    ["-9007199254740993", "-9007199254740992"],
    ["9007199254740993.0", "9007199254740992"],
    ["90071992547409930e-1", "9007199254740992"],
    ["9223372036854775807", "9223372036854776000"],
    ["0.99999999999999999999", "1"],
    ["12345678901234567.89", "12345678901234568"],
    ["1e-400", "0"],
    ["1e400", "Infinity"],
    ["-1e400", "Infinity"],
  ])("says that %s becomes %s", (token, read) => {
    expect(roundingOf(token)).toBe(read);
  });

  it("finds nothing in what JavaScript has written, and every integer that is not itself any more", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(roundingOf(JSON.stringify(value))).toBeUndefined();
      }),
      { seed: 5 },
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 69n), max: 2n ** 69n }), (value) => {
        const isItself = BigInt(Number(value)) === value;
        const isPrinted = BigInt(String(Number(value))) === value;
        expect(roundingOf(String(value)) === undefined).toBe(isItself || isPrinted);
      }),
      { seed: 6 },
    );
  });

  it("takes no longer for a number of a million digits", () => {
    expect(roundingOf(`0.${"1".repeat(1_000_000)}`)).toBeUndefined();
    expect(roundingOf("1".repeat(1_000_000))).toBe("Infinity");
    expect(roundingOf(`1.${"0".repeat(1_000_000)}`)).toBeUndefined();
  });
});
