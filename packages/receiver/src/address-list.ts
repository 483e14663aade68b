import type { isIP } from "node:net";
import { nodeModule } from "./node-module.ts";

/**
 * Whether an address is in one of the ranges: `192.0.2.0/24`, `2001:db8::/32`, or single addresses. An IPv4 address is the
 * same when it is written as IPv6 (`::ffff:192.0.2.1`); what is no address is in no range.
 *
 * @throws TypeError that names a range that is none, and in a runtime without `node:net`.
 */
export function createAddressList(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => false;
  const net = nodeModule("node:net");
  if (net === undefined)
    throw new TypeError("Lists of addresses need `node:net`, which this runtime has not");
  const list = new net.BlockList();
  for (const range of ranges) list.addSubnet(...parseRange(range, net.isIP));
  return (address) => {
    const plain = address.split("%", 1)[0] ?? "";
    const version = net.isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? "ipv4" : "ipv6");
  };
}

function parseRange(range: string, versionOf: typeof isIP): [string, number, "ipv4" | "ipv6"] {
  const [, address = "", length] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const version = versionOf(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = Number(length ?? bits);
  if (version === 0 || prefix > bits) {
    throw new TypeError(`Expected an address range such as 192.0.2.0/24 or 2001:db8::/32, got "${range}"`);
  }
  return [address, prefix, version === 4 ? "ipv4" : "ipv6"];
}
