import { describe, expect, it } from "vitest";
import { createAddressList } from "./address-list.ts";

describe("createAddressList", () => {
  const isListed = createAddressList([
    "192.0.2.0/24",
    "198.51.100.7",
    "2001:db8::/32",
    "::ffff:10.0.0.0/104",
  ]);

  it.each([
    ["192.0.2.0", true],
    ["192.0.2.255", true],
    ["192.0.3.0", false],
    ["::ffff:192.0.2.7", true],
    ["::FFFF:c000:0207", true],
    ["198.51.100.7", true],
    ["198.51.100.8", false],
    ["2001:DB8:ffff::1", true],
    ["2001:db9::", false],
    ["10.255.0.1", true],
    ["2001:db8::1%eth0", true],
    ["192.0.2.07", false],
    ["192.0.2", false],
    ["3221225984", false],
    ["", false],
    ["unknown", false],
  ])("tells of %s: %s", (address, listed) => {
    expect(isListed(address)).toBe(listed);
  });

  it("lists nothing without ranges, and everything with the empty prefix", () => {
    expect(createAddressList([])("192.0.2.1")).toBe(false);
    expect(createAddressList(["0.0.0.0/0"])("203.0.113.9")).toBe(true);
    expect(createAddressList(["0.0.0.0/0"])("2001:db8::1")).toBe(false);
  });

  it.each([
    "",
    "10.0.0.0/33",
    "::/129",
    "10.0.0/8",
    "example.com",
    "10.0.0.0/8 ",
    "10.0.0.0/-1",
    "fe80::1%a",
  ])("names the range %j, which is none", (range) => {
    expect(() => createAddressList([range])).toThrow(`got "${range}"`);
  });
});
