import type { BlockList, isIP } from "node:net";

/**
 * Whether an address is in one of the ranges: `192.0.2.0/24`, `2001:db8::/32`, or single addresses. An IPv4 address is the
 * same when it is written as IPv6 (`::ffff:192.0.2.1`); what is no address is in no range.
 *
 * @throws TypeError that names a range that is none, and in a runtime without `node:net`.
 */
export function createAddressList(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => false;
  const { BlockList, isIP } = loadNet();
  const list = new BlockList();
  for (const range of ranges) add({ list, isIP }, range);
  return (address) => {
    const plain = address.split("%", 1)[0] ?? "";
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? "ipv4" : "ipv6");
  };
}

/** Asked for when it is needed, so that this package can be loaded where there is no Node.js. */
function loadNet(): { readonly BlockList: typeof BlockList; readonly isIP: typeof isIP } {
  const { process } = globalThis as Partial<Pick<typeof globalThis, "process">>;
  const net = process?.getBuiltinModule?.("node:net");
  if (net === undefined)
    throw new TypeError("Lists of addresses need `node:net`, which this runtime has not");
  return net;
}

interface Ranges {
  readonly list: BlockList;
  readonly isIP: typeof isIP;
}

function add({ list, isIP }: Ranges, range: string): void {
  const [, address = "", length] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (version === 0 || prefix > bits) {
    throw new TypeError(`Expected an address range such as 192.0.2.0/24 or 2001:db8::/32, got "${range}"`);
  }
  list.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
}
