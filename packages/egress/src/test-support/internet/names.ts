import type { DnsRecord } from "./dns-message.ts";
import type { NameBehaviour } from "./name-server.ts";

/** The only addresses of this internet that may be connected to. */
export const GOOD_IPV4 = "93.184.216.34";
export const GOOD_IPV6 = "2606:2800:220:1::34";
/** Public, but an interface of this machine. */
export const OWN_ADDRESS = "93.184.216.99";

const a = (address: string): DnsRecord => ({ type: "A", address });
const aaaa = (address: string): DnsRecord => ({ type: "AAAA", address });
const records =
  (...all: readonly DnsRecord[]): NameBehaviour =>
  (type) =>
    all.filter((record) => record.type === type || record.type === "CNAME");
const alias = (name: string, ...then: readonly DnsRecord[]) => records({ type: "CNAME", name }, ...then);

/** Public for the first questions, then something else. */
const rebinding =
  (times: number, to: string): NameBehaviour =>
  (type, asked) =>
    type === "A" ? [a(asked <= times ? GOOD_IPV4 : to)] : [];

const many =
  (last: string): NameBehaviour =>
  (type) =>
    type === "A" ? [...Array.from({ length: 1_000 }, () => a(GOOD_IPV4)), a(last)] : [];

export const goodNames: Readonly<Record<string, NameBehaviour>> = {
  "four.good.example": records(a(GOOD_IPV4)),
  "six.good.example": records(aaaa(GOOD_IPV6)),
  "both.good.example": records(a(GOOD_IPV4), aaaa(GOOD_IPV6)),
  "alias.good.example": alias("four.good.example", a(GOOD_IPV4)),
  "many.good.example": many(GOOD_IPV4),
  // The other family never answers, or fails.
  "half.good.example": (type) => (type === "A" ? [a(GOOD_IPV4)] : "silence"),
  "lame.good.example": (type) => (type === "A" ? [a(GOOD_IPV4)] : "failure"),
};

export const hostileNames: Readonly<Record<string, NameBehaviour>> = {
  "private.evil.example": records(a("10.0.0.1")),
  "loopback.evil.example": records(a("127.0.0.1")),
  "metadata.evil.example": records(a("169.254.169.254")),
  "azure.evil.example": records(a("168.63.129.16")),
  "carrier.evil.example": records(a("100.64.0.1")),
  "zero.evil.example": records(a("0.0.0.0")),
  "own.evil.example": records(a(OWN_ADDRESS)),
  "six-loopback.evil.example": records(aaaa("::1")),
  "six-private.evil.example": records(aaaa("fd00:ec2::254")),
  "mapped.evil.example": records(aaaa("::ffff:127.0.0.1")),
  "mapped-metadata.evil.example": records(aaaa("::ffff:169.254.169.254")),
  "compatible.evil.example": records(aaaa("::127.0.0.1")),
  "translated.evil.example": records(aaaa("::ffff:0:127.0.0.1")),
  "nat64.evil.example": records(aaaa("64:ff9b::127.0.0.1")),
  "nat64-local.evil.example": records(aaaa("64:ff9b:1::169.254.169.254")),
  "six-to-four.evil.example": records(aaaa("2002:7f00:1::")),
  "teredo.evil.example": records(aaaa("2001::1")),
  "outside.evil.example": records(aaaa("4000::1")),
  "mixed.evil.example": records(a(GOOD_IPV4), a("10.0.0.1")),
  "mixed-first.evil.example": records(a("10.0.0.1"), a(GOOD_IPV4)),
  "mixed-families.evil.example": records(a(GOOD_IPV4), aaaa("::1")),
  "mixed-other.evil.example": records(a("127.0.0.1"), aaaa(GOOD_IPV6)),
  "alias.evil.example": alias("internal.corp.example", a("10.0.0.1")),
  "alias-localhost.evil.example": alias("localhost", a("127.0.0.1")),
  "alias-mixed.evil.example": alias("x.example", a(GOOD_IPV4), a("192.168.0.1")),
  "many.evil.example": many("10.0.0.1"),
  "silent.evil.example": () => "silence",
  "failing.evil.example": () => "failure",
  "empty.evil.example": () => [],
  "rebind-1.evil.example": rebinding(1, "127.0.0.1"),
  "rebind-2.evil.example": rebinding(2, "169.254.169.254"),
  "rebind-3.evil.example": rebinding(3, "10.0.0.1"),
  "rebind-turns.evil.example": (type, asked) =>
    type === "A" ? [a(asked % 2 === 1 ? GOOD_IPV4 : "127.0.0.1")] : [],
};

/** In the machine's own hosts file. */
export const hostsFile = "127.0.0.1 localhost hosts.evil.example\n10.0.0.1 hosts-private.evil.example\n";
