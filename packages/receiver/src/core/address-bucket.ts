/**
 * Under which name a client's address is counted: an IPv4 address as it is, also when written as IPv6
 * (`::ffff:192.0.2.1`, `::ffff:c000:201`); an IPv6 address by its /64, because one client has all of it.
 */
export function addressBucket(address: string | undefined): string {
  if (address === undefined || address === "") return "unknown";
  const mapped = mappedAddress(address);
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const start = head === "" ? [] : head.split(":");
  const end = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - start.length - end.length);
  const groups = [...start, ...Array.from({ length: zeros }, () => "0"), ...end];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

/** The IPv4 address in an IPv6 one. */
function mappedAddress(address: string): string | undefined {
  const form = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i;
  const [, dotted, high, low] = form.exec(address) ?? [];
  if (high === undefined || low === undefined) return dotted;
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((bits) => [bits >> 8, bits & 255])
    .join(".");
}
