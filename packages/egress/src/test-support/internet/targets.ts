import { goodNames, hostileNames, OWN_ADDRESS } from "./names.ts";

const ipv4 = `
  127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 017700000001 127.0.0.1. 127.255.255.254
  １２７.0.0.1 ①②⑦.⓪.⓪.① %31%32%37.0.0.1 127。0。0。1 0 0.0.0.0 00.00.00.00
  10.0.0.1 172.16.0.1 172.31.255.254 192.168.0.1 100.64.0.1 100.127.255.254
  169.254.169.254 0xa9fea9fe 2852039166 0251.0376.0251.0376 169.254.43518 168.63.129.16 100.100.100.200
  192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.175.48.1 198.18.0.1 198.51.100.1 203.0.113.1
  224.0.0.1 240.0.0.1 255.255.255.255 ${OWN_ADDRESS}`;

const ipv6 = `
  :: ::1 0:0:0:0:0:0:0:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:a9fe:a9fe ::ffff:10.0.0.1 ::127.0.0.1
  ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::169.254.169.254 64:ff9b:1::7f00:1 100::1 100:0:0:1::1
  2001::1 2001:2::1 2001:10::1 2001:20::1 2001:30::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::1 2620:4f:8000::1
  3fff::1 4000::1 5f00::1 8000::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1`;

const names = `
  ${Object.keys(hostileNames).join(" ")} hosts.evil.example hosts-private.evil.example no-such-name.example
  localhost LOCALHOST localhost. a.localhost metadata.google.internal printer.local intranet`;

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const misread = [
  "http://four.good.example@127.0.0.1/",
  "http://127.0.0.1#@four.good.example/",
  "http://127.0.0.1\\@four.good.example/",
  "http:\\\\127.0.0.1/",
  "http:/127.0.0.1/",
  "http://127.0.0.1%2f@four.good.example/",
  "http://127.0.0.1\t/",
  "http://[::1]:8080/",
  "http://127.0.0.1:8080/",
  "https://127.0.0.1/",
  "https://[::ffff:169.254.169.254]/",
  "https://private.evil.example/",
  "https://mixed.evil.example/",
];

/** URLs behind which there is nothing that may be reached. */
export const hostileUrls: readonly string[] = [
  ...words(ipv4).map((host) => `http://${host}/`),
  ...words(ipv6).map((host) => `http://[${host}]/`),
  ...words(names).map((host) => `http://${host}/`),
  ...misread,
];

export const goodUrls: readonly string[] = [
  ...Object.keys(goodNames).map((host) => `http://${host}/`),
  "http://four.good.example:8080/",
  "http://93.184.216.34/",
  "http://[2606:2800:220:1::34]/",
];

/** Good hosts that send their visitors elsewhere. */
export const redirectingUrls: readonly string[] = [301, 302, 303, 307, 308, 200].map(
  (status) => `http://four.good.example/?status=${status}&to=http://169.254.169.254/latest/meta-data`,
);
