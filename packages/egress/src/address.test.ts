import { describe, expect, it } from "vitest";
import { isAddressAllowed, parseAllowedCidrs } from "./address.ts";

const nothing = parseAllowedCidrs([]);
const isOwn = (address: string) => address === "8.8.8.8" || address === "2606:4700::1111";

describe("isAddressAllowed", () => {
  it.each([
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.254",
    "100.128.0.1",
    "172.15.255.255",
    "2606:4700::1111",
    "2a00:1450::1",
  ])("allows the public address %s", (address) => expect(isAddressAllowed(address, nothing)).toBe(true));

  it.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "8000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
  ])("blocks %s", (address) => expect(isAddressAllowed(address, nothing)).toBe(false));

  it("opens exactly the ranges that are allowed", () => {
    const policy = parseAllowedCidrs(["127.0.0.0/8", "10.1.2.3", "fd12::/16"]);
    const allowed = ["127.0.0.1", "::ffff:127.0.0.1", "10.1.2.3", "fd12::7"];
    const blocked = ["10.1.2.4", "192.168.0.1", "fd13::7", "::1"];
    expect(allowed.filter((address) => isAddressAllowed(address, policy))).toEqual(allowed);
    expect(blocked.filter((address) => isAddressAllowed(address, policy))).toEqual([]);
  });

  it("opens no port but the one that is allowed", () => {
    const policy = parseAllowedCidrs(["10.1.2.0/24:8443", "10.1.2.3:9000", "[fd12::/16]:8443"]);
    const isAllowed = (address: string, port?: number) => isAddressAllowed(address, policy, port);
    expect([isAllowed("10.1.2.3", 8443), isAllowed("10.1.2.3", 9000), isAllowed("fd12::1", 8443)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([isAllowed("10.1.2.4", 9000), isAllowed("10.1.2.3", 8444), isAllowed("10.1.2.3")]).toEqual([
      false,
      false,
      false,
    ]);
    expect(isAllowed("fd12::1", 443)).toBe(false);
    expect(isAllowed("8.8.8.8", 443)).toBe(true);
  });

  it("blocks this machine's own public addresses, unless they are allowed", () => {
    const own = ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700:0:0::1111"];
    expect(own.filter((address) => isAddressAllowed(address, { ...nothing, isOwn }))).toEqual([]);
    expect(isAddressAllowed("8.8.4.4", { ...nothing, isOwn })).toBe(true);
    expect(isAddressAllowed("8.8.8.8", { ...parseAllowedCidrs(["8.8.8.8"]), isOwn })).toBe(true);
  });

  it("never opens the metadata services", () => {
    const policy = parseAllowedCidrs(["0.0.0.0/0", "::/0"]);
    expect(isAddressAllowed("169.254.169.254", policy)).toBe(false);
    expect(isAddressAllowed("::ffff:169.254.169.254", policy)).toBe(false);
    expect(isAddressAllowed("fd00:ec2::254", policy)).toBe(false);
  });
});

describe("parseAllowedCidrs", () => {
  it.each([
    "127.0.0.0/33",
    "local",
    "",
    "10.0.0.0/8/8",
    "10.0.0.1:0",
    "10.0.0.1:65536",
    "[10.0.0.1:80",
    "x:80",
    "10.1.2/24",
    "10/8",
    "010.0.0.0/8",
    "0x0a.0.0.0/8",
    "167772160/8",
    "10.1.2/24:80",
    "10.0.0.0/ 8",
    "10.0.0.0/",
  ])("names the rule %j that is not a range", (rule) => {
    expect(() => parseAllowedCidrs([rule])).toThrow(JSON.stringify(rule));
  });
});
