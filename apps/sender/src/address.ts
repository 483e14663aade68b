import { isIPv6 } from "node:net";

/**
 * Whom a limit by address counts: an IPv4 address, or the /64 of an IPv6 address, because whoever has one address of a
 * /64 has them all. IPv4 written as IPv6 is the same client.
 */
export function clientOf(address: string | undefined): string {
  if (address === undefined) return "unknown";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [plain = ""] = address.split("%");
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 4).join(":")}::/64` : address;
}

function groupsOf(address: string): readonly string[] {
  const [head = "", tail = ""] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16).toString(16));
}
