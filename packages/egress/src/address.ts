import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** What may be connected to besides public addresses, and what may not although it is public. */
export interface AddressPolicy {
  /** Read by `parseAllowedCidrs`. */
  readonly allowed: readonly AllowRule[];
  /** Whether a public address, in its shortest spelling, is one of this machine: its services must not be reached. */
  readonly isOwn?: (address: string) => boolean;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Cidr = readonly [Address, number];

interface AllowRule {
  readonly range: Cidr;
  /** The only port that it opens; absent for all. */
  readonly port: number | undefined;
}

/** The metadata services of the clouds: no allow rule opens them. */
const NEVER_ALLOWED = [
  "169.254.169.254/32",
  "168.63.129.16/32",
  "100.100.100.200/32",
  "fd00:ec2::254/128",
].map((range) => parseCidr(range));

/** Every IPv4 range that is not the public internet (IANA special-purpose registry). */
const BLOCKED_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
].map((range) => parseCidr(range));

/** IPv6 is an allow-list: global unicast, less the ranges within it that are not the public internet. */
const GLOBAL_UNICAST = parseCidr("2000::/3");
const BLOCKED_WITHIN_GLOBAL = [
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "2620:4f:8000::/48",
  "3fff::/20",
].map((range) => parseCidr(range));

/**
 * Reads allow rules such as `127.0.0.0/8` (a bare address means that one address), `10.1.2.0/24:8443` and
 * `[fd12::/16]:8443`, which open one port only. Throws a `TypeError` naming the rule that is not one.
 */
export function parseAllowedCidrs(rules: readonly string[]): AddressPolicy {
  return { allowed: rules.map(parseRule) };
}

/** Whether a connection to this address (an IPv4 or IPv6 literal as a resolver gives it) and port may be made. */
export function isAddressAllowed(text: string, policy: AddressPolicy, port?: number): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = unwrap(ipaddr.parse(text));
  if (isWithin(address, NEVER_ALLOWED)) return false;
  const rules = policy.allowed.filter((rule) => rule.port === undefined || rule.port === port);
  if (
    isWithin(
      address,
      rules.map(({ range }) => range),
    )
  )
    return true;
  return isPublic(address) && policy.isOwn?.(address.toString()) !== true;
}

function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return !isWithin(address, BLOCKED_IPV4);
  return isWithin(address, [GLOBAL_UNICAST]) && !isWithin(address, BLOCKED_WITHIN_GLOBAL);
}

/** `::ffff:10.0.0.1` reaches 10.0.0.1, so it is judged as 10.0.0.1. */
function unwrap(address: Address): Address {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function isWithin(address: Address, ranges: readonly Cidr[]): boolean {
  return ranges.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits));
}

const WITH_PORT = /^(?:\[(?<six>[^\]]+)\]|(?<four>[\d./]+)):(?<port>\d{1,5})$/;

function parseRule(rule: string): AllowRule {
  const { six, four, port } = WITH_PORT.exec(rule)?.groups ?? {};
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && (number < 1 || number > 65_535))
    throw new TypeError(`An allowed port is from 1 to 65535, not ${JSON.stringify(rule)}`);
  return { range: parseCidr(six ?? four ?? rule, rule), port: number };
}

function parseCidr(range: string, rule: string = range): Cidr {
  const [, address = "", length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = Number(length ?? bits);
  // `ipaddr.parse` takes more: 10.1.2 (for 10.1.0.2), octal and hexadecimal numbers, which nobody means in a list of ranges.
  if (version === 0 || prefix > bits)
    throw new TypeError(`An allowed range is written like 127.0.0.0/8, not ${JSON.stringify(rule)}`);
  return [ipaddr.parse(address), prefix];
}
