import { describe, expect, it } from "vitest";
import { type ForwardedHeader, readOrigin } from "./forwarded.ts";

const ours = (address: string) => address.startsWith("10.") || address === "::1";
const from = (peer: string | undefined, headers: Record<string, string>, header?: ForwardedHeader) =>
  readOrigin(peer, headers, { isTrusted: ours, header: header ?? "x-forwarded-for" });
const addressOf = (peer: string, forwarded: string) => from(peer, { "x-forwarded-for": forwarded }).address;

/** Reads the addresses behind so many proxies. */
const hops = (count: number) => (forwarded: string) =>
  readOrigin(
    "203.0.113.1",
    { "x-forwarded-for": forwarded },
    { isTrusted: (_, hop) => hop < count, header: "x-forwarded-for" },
  ).address;

describe("readOrigin", () => {
  it("believes nobody but our own proxies", () => {
    const headers = {
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "a.example",
      forwarded: "for=192.0.2.1",
      "x-real-ip": "192.0.2.1",
    };
    const untouched = { scheme: undefined, host: undefined };
    expect(from("203.0.113.5", headers)).toEqual({ address: "203.0.113.5", ...untouched });
    expect(from(undefined, headers)).toEqual({ address: undefined, ...untouched });
    expect(from("203.0.113.5", headers, "forwarded").address).toBe("203.0.113.5");
  });

  it.each([
    ["203.0.113.5", "203.0.113.5"],
    ["192.0.2.1, 203.0.113.5", "203.0.113.5"],
    ["192.0.2.1,203.0.113.5 , 10.0.0.2", "203.0.113.5"],
    ["10.0.0.9, 203.0.113.5, 10.0.0.2", "203.0.113.5"],
    ["10.0.0.9, 10.0.0.2", "10.0.0.9"],
    ["203.0.113.5:4711", "203.0.113.5"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["192.0.2.1, unknown", "10.0.0.1"],
    ["192.0.2.1,", "10.0.0.1"],
    ["", "10.0.0.1"],
    ["203.0.113.5, <script>", "10.0.0.1"],
  ])("reads %j from the right, as far as our proxies reach", (list, client) => {
    expect(addressOf("10.0.0.1", list)).toBe(client);
  });

  it("counts hops where proxies are told by their number", () => {
    expect(hops(0)("192.0.2.1")).toBe("203.0.113.1");
    expect(hops(1)("192.0.2.9, 192.0.2.1")).toBe("192.0.2.1");
    expect(hops(2)("192.0.2.9, 192.0.2.1")).toBe("192.0.2.9");
    expect(hops(5)("192.0.2.9, 192.0.2.1")).toBe("192.0.2.9");
  });

  it("reads RFC 7239 only where it is configured", () => {
    const forwarded =
      'for=192.0.2.9;host=evil.example, FOR="[2001:db8::1]:80";proto=https; host="a.example", for=10.0.0.2';
    expect(from("10.0.0.1", { forwarded })).toMatchObject({ address: "10.0.0.1" });
    expect(from("10.0.0.1", { forwarded }, "forwarded")).toEqual({
      address: "2001:db8::1",
      scheme: "https",
      host: "a.example",
    });
    const quoted = { forwarded: 'for="192.0.2.1, for=198.51.100.1"' };
    expect(from("10.0.0.1", quoted, "forwarded").address).toBe("10.0.0.1");
    expect(from("10.0.0.1", { forwarded: "for=_hidden" }, "forwarded").address).toBe("10.0.0.1");
  });

  it("takes scheme and host from the outermost of our proxies that says them", () => {
    const headers = {
      "x-forwarded-for": "192.0.2.1, 203.0.113.5, 10.0.0.2",
      "x-forwarded-proto": "http, https, http",
      "x-forwarded-host": "evil.example, a.example, b.example",
    };
    expect(from("10.0.0.1", headers)).toEqual({
      address: "203.0.113.5",
      scheme: "https",
      host: "a.example",
    });
    const one = { "x-forwarded-proto": "https", "x-forwarded-host": "a.example" };
    expect(from("10.0.0.1", one)).toEqual({ address: "10.0.0.1", scheme: "https", host: "a.example" });
    const odd = { ...one, "x-forwarded-proto": "javascript", "x-forwarded-host": "a b" };
    expect(from("10.0.0.1", odd)).toMatchObject({ scheme: undefined, host: undefined });
  });

  it("is quick with hostile lists", () => {
    const long = ",".repeat(16_000);
    const quotes = '"'.repeat(16_001);
    expect(addressOf("10.0.0.1", long)).toBe("10.0.0.1");
    for (const forwarded of [long, quotes, `for=${quotes}`, ";=".repeat(8_000)]) {
      expect(from("10.0.0.1", { forwarded }, "forwarded").address).toBe("10.0.0.1");
    }
  });
});
