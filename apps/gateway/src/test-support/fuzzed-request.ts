/** Gives a number from 0 up to below `sides`. */
export type Dice = (sides: number) => number;

/** The same numbers for the same seed (mulberry32). */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

export interface Seed {
  readonly address: string;
  /** Bytes of a genuine request. */
  readonly body: (address: string) => Buffer;
}

const methods = ["POST", "GET", "HEAD", "OPTIONS", "PUT", "TRACE", "CONNECT", "PRI", "post", "", "POST\0"];
const paths = [
  "/in/billing",
  "/in/packed",
  "/in/strict",
  "/in/meta?hub.mode=subscribe&hub.challenge=%00&hub.verify_token=mine",
  "/in/meta?hub.mode=subscribe&hub.mode=x",
  "/in/notion",
  "/in/__proto__",
  "/in/%2e%2e/healthz",
  "/in/",
  "/healthz",
  "/metrics",
  "*",
  "http://evil.example/in/billing",
  "/in/billing#x",
  `/in/${"a".repeat(9_000)}`,
];
const headers = [
  "host: a",
  "host: a\r\nhost: b",
  "host:",
  "content-length: 5",
  "content-length: 5\r\ncontent-length: 6",
  "content-length: -1",
  "content-length: 99999999999999999999",
  "content-length: 5\r\ntransfer-encoding: chunked",
  "transfer-encoding: chunked",
  "transfer-encoding: chunked, identity",
  "transfer-encoding: xchunked",
  "content-encoding: gzip",
  "content-encoding: gzip, gzip",
  "expect: 100-continue",
  "expect: nonsense",
  "connection: upgrade\r\nupgrade: websocket",
  "connection: close, keep-alive",
  "upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAoAAAAAIAAAAA",
  "webhook-id: evt_1\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,AAAA",
  `webhook-signature: ${"v1,AAAA ".repeat(200)}`,
  "webhook-id: \u00e9\r\nwebhook-timestamp: NaN\r\nwebhook-signature: \t",
  'forwarded: for="[::1";for=;=;proto=javascript',
  "x-forwarded-for: ,,, ,unknown",
  " folded: line",
  "no colon here",
  "x: \0",
  "__proto__: polluted",
  "constructor: x",
  "x: \u{1f600}",
];
const bodies = [
  "",
  "{}",
  "hello",
  "5\r\nhello\r\n0\r\n\r\n",
  "ffffffff\r\n",
  '5;ext="\r\n',
  "0\r\n\r\nPOST / HTTP/1.1\r\n\r\n",
  "\0".repeat(500),
];

/** A request as nobody should send it: put together wrongly, or a genuine one broken. */
export function fuzzedRequest(dice: Dice, { address, body }: Seed): Buffer {
  return dice(2) === 0 ? assembled(dice, address) : broken(dice, body(address));
}

function assembled(dice: Dice, address: string): Buffer {
  const pick = (from: readonly string[]) => from[dice(from.length)] ?? "";
  const version = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", "http/1.1", ""][dice(7)] ?? "";
  const lines = Array.from({ length: dice(6) }, () => pick(headers));
  const head = [`${pick(methods)} ${pick(paths)} ${version}`, `x-forwarded-for: ${address}`, ...lines];
  const newline = dice(10) === 0 ? "\n" : "\r\n";
  return Buffer.from(`${head.join(newline)}${newline}${newline}${pick(bodies)}`, "latin1");
}

function broken(dice: Dice, whole: Buffer): Buffer {
  const bytes = Buffer.from(whole);
  for (let count = dice(8); count >= 0; count -= 1) {
    const at = dice(bytes.length);
    switch (dice(3)) {
      case 0:
        bytes[at] = dice(256);
        break;
      case 1:
        bytes[at] = [0x0d, 0x0a, 0x00, 0x3a, 0x20, 0xff][dice(6)] ?? 0;
        break;
      default:
        bytes.copyWithin(at, dice(bytes.length), dice(bytes.length));
    }
  }
  switch (dice(4)) {
    case 0:
      return bytes.subarray(0, dice(bytes.length));
    case 1:
      return Buffer.concat([bytes, bytes]);
    default:
      return bytes;
  }
}
