import { describe, expect, it } from "vitest";
import * as node from "./index.ts";
import type { RequestHeaders, SchemeId } from "./index.ts";
import * as web from "./web.ts";

const now = 1_795_220_135;

/** A genuine request, the secret that signed it and the key that verifies it. */
interface Genuine {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: Buffer;
  readonly key: string;
}

/** What becomes of it on the way; `headers` where a header is there more than once. */
type Forged = Genuine & { readonly headers?: RequestHeaders };

type Dice = (sides: number) => number;

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
function createDice(seed: number): Dice {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

const pick = <T>(roll: Dice, items: readonly T[]): T => items[roll(items.length)]!;

function randomBytes(roll: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => roll(256)));
}

const idCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:/=+@";

function randomId(roll: Dice): string {
  return Array.from({ length: 1 + roll(128) }, () => pick(roll, [...idCharacters])).join("");
}

/** JSON, text and bytes that are not UTF-8; all but the shortest have a U+FFFD, which invalid bytes turn into. */
function randomBody(roll: Dice): Buffer {
  const note = "\ufffd" + randomBytes(roll, roll(40)).toString("latin1");
  const kinds = [
    Buffer.alloc(0),
    Buffer.from(JSON.stringify({ type: "invoice.paid", data: { note, n: roll(1e9) } })),
    Buffer.from(`${note}\r\n$& é`),
    Buffer.concat([Buffer.from("\ufffd"), randomBytes(roll, roll(300))]),
  ];
  return pick(roll, kinds);
}

/**
 * A secret and the key to it. Its last byte is not zero: HMAC fills keys up with zeros, so one more or less there is the
 * same key.
 */
function randomKeys(scheme: SchemeId, roll: Dice): { readonly secret: string; readonly key: string } {
  const bytes = Buffer.concat([randomBytes(roll, 31 + roll(8)), Buffer.from([1 + roll(255)])]);
  if (scheme === "v1") {
    const secret = `whsec_${bytes.toString("base64")}`;
    return { secret, key: secret };
  }
  const secret = `whsk_${bytes.subarray(0, 32).toString("base64")}`;
  return { secret, key: node.publicKeyOf(secret) };
}

function randomRequest(scheme: SchemeId, roll: Dice): Genuine {
  const { secret, key } = randomKeys(scheme, roll);
  const body = randomBody(roll);
  const headers = node.sign({ id: randomId(roll), timestamp: now - 300 + roll(601), body, keys: [secret] });
  return {
    id: headers["webhook-id"],
    timestamp: headers["webhook-timestamp"],
    signature: headers["webhook-signature"],
    body,
    key,
  };
}

function flipBit(bytes: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}

/** Cut at either end, with a byte more at any place, or with a part twice. */
function resized(bytes: Uint8Array, roll: Dice): Buffer {
  const at = roll(bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const extra = Buffer.from([pick(roll, [1 + roll(255), 0x2c, 0x2e, 0x0a, 0x0d, 0x3d, 0x31])]);
  return pick(roll, [
    Buffer.from(before),
    Buffer.from(after),
    Buffer.concat([before, extra, after]),
    Buffer.concat([bytes, extra]),
    Buffer.concat([bytes, after]),
  ]);
}

/** A text as HTTP carries it, one byte a character. A space would make a further entry of a list, so there is none. */
function changedText(text: string, roll: Dice): string {
  const bytes = Buffer.from(text, "latin1");
  const changed = roll(2) === 0 ? flipBit(bytes, roll(bytes.length * 8)) : resized(bytes, roll);
  return changed.toString("latin1");
}

const parts = ["id", "timestamp", "signature"] as const;

/** The ways to forge. Each changes something that counts, or gives back the request as it is. */
const forgeries: Readonly<Record<string, (genuine: Genuine, roll: Dice) => Forged>> = {
  "a changed id": (genuine, roll) => ({ ...genuine, id: changedText(genuine.id, roll) }),
  "a changed timestamp": (genuine, roll) => ({ ...genuine, timestamp: changedText(genuine.timestamp, roll) }),
  "a changed signature": (genuine, roll) => ({ ...genuine, signature: changedText(genuine.signature, roll) }),
  "a flipped bit of the body": (genuine, roll) =>
    genuine.body.length === 0
      ? genuine
      : { ...genuine, body: flipBit(genuine.body, roll(genuine.body.length * 8)) },
  "a body cut or extended": (genuine, roll) => ({ ...genuine, body: resized(genuine.body, roll) }),
  "a body in another encoding": (genuine, roll) => ({ ...genuine, body: otherBody(genuine.body, roll) }),
  "another scheme": (genuine, roll) => {
    const scheme = pick(roll, ["v1", "v1a", "v2", "V1", "v0", "none", "", "v1,v1", "v1a,v1", "1"]);
    return { ...genuine, signature: genuine.signature.replace(/^[^,]+/, scheme) };
  },
  "a signature in another encoding": (genuine, roll) => {
    const [scheme = "", signature = ""] = genuine.signature.split(",");
    return { ...genuine, signature: `${scheme},${otherEncoding(signature, roll)}` };
  },
  "a header twice": (genuine, roll) => ({ ...genuine, headers: doubled(genuine, roll) }),
  "parts moved across the dots": (genuine, roll) =>
    pick(roll, [
      { ...genuine, id: `${genuine.id}.${genuine.timestamp}`, timestamp: "" },
      {
        ...genuine,
        id: `${genuine.id}.${genuine.timestamp.slice(0, 1)}`,
        timestamp: genuine.timestamp.slice(1),
      },
      { ...genuine, body: Buffer.concat([Buffer.from("."), genuine.body]) },
      { ...genuine, id: "", body: Buffer.from(`${genuine.id}.${genuine.body}`) },
    ]),
  "another key": (genuine, roll) => ({ ...genuine, key: otherKey(genuine.key, roll) }),
};

function otherBody(body: Buffer, roll: Dice): Buffer {
  const text = body.toString();
  const mark = body.indexOf("\ufffd");
  return pick(roll, [
    // What decoding and encoding does to bytes that are not UTF-8, and the other way round.
    Buffer.from(text),
    mark < 0
      ? body
      : Buffer.concat([
          body.subarray(0, mark),
          Buffer.from([pick(roll, [0xff, 0xfe, 0xc0, 0x80])]),
          body.subarray(mark + 3),
        ]),
    Buffer.from(text, "utf16le"),
    Buffer.from(text, "latin1"),
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]),
    Buffer.from(`${text}\n`),
    Buffer.from(text.replaceAll("\r\n", "\n")),
    Buffer.from(text.replaceAll(":", ": ")),
    Buffer.from(text.normalize("NFD")),
    Buffer.from(body.toString("base64")),
    Buffer.from(encodeURIComponent(text.toWellFormed())),
  ]);
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The same bytes written as lenient decoders take them. */
function otherEncoding(signature: string, roll: Dice): string {
  const bytes = Buffer.from(signature, "base64");
  const at = roll(signature.length);
  const inserted = (text: string) => signature.slice(0, at) + text + signature.slice(at);
  const padding = /=+$/.exec(signature)?.[0] ?? "";
  const last = signature.length - padding.length - 1;
  const withUnusedBits =
    signature.slice(0, last) +
    (base64Digits[base64Digits.indexOf(signature[last]!) | 1] ?? "") +
    signature.slice(last + 1);
  return pick(roll, [
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    bytes.toString("base64url"),
    bytes.toString("latin1"),
    signature.replaceAll("+", "-").replaceAll("/", "_"),
    signature.slice(0, last + 1),
    `${signature}=`,
    `${signature}${padding}`,
    withUnusedBits,
    inserted("\n"),
    inserted("\t"),
    inserted("\r\n "),
    inserted("="),
    inserted("\u0000"),
    `${signature}.`,
    `"${signature}"`,
    encodeURIComponent(signature),
    Buffer.from(signature).toString("base64"),
  ]);
}

/** A header that came twice, as servers hand it on: as an array, under two spellings, joined. */
function doubled(genuine: Genuine, roll: Dice): RequestHeaders {
  const part = pick(roll, parts);
  const other = pick(roll, [genuine[part], changedText(genuine[part], roll), ""]);
  const both = pick(roll, [
    [genuine[part], other],
    [other, genuine[part]],
  ]);
  const headers: Record<string, string | readonly string[]> = { ...headersOf(genuine) };
  const name = `webhook-${part}`;
  switch (roll(4)) {
    case 0:
      headers[name] = both;
      break;
    case 1:
      headers[`Webhook-${part}`] = other;
      break;
    case 2:
      headers[name] = both.join(", ");
      break;
    default:
      headers[name] = both.join(",");
  }
  return headers;
}

function otherKey(key: string, roll: Dice): string {
  const [, prefix = "", text = ""] = /^(wh[a-z]+_)(.*)$/.exec(key) ?? [];
  const bytes = Buffer.from(text, "base64");
  return pick(roll, [
    prefix + flipBit(bytes, roll(bytes.length * 8)).toString("base64"),
    prefix + resized(bytes, roll).toString("base64"),
    prefix + otherEncoding(text, roll),
    pick(
      roll,
      ["whsec_", "whsk_", "whpk_", "WHSEC_", ""].filter((other) => other !== prefix),
    ) + text,
    `${key} `,
  ]);
}

function headersOf({ id, timestamp, signature }: Genuine): Record<string, string> {
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
}

/** Whether the way the request is now says the same as before. */
function isUnchanged(forged: Forged, genuine: Genuine): boolean {
  if (forged.headers !== undefined) return false;
  return parts.every((part) => forged[part] === genuine[part]) && forged.key === genuine.key
    ? forged.body.equals(genuine.body)
    : false;
}

/** A request and a forgery of it. */
function forge(pool: readonly Genuine[], roll: Dice): { readonly way: string; readonly forged: Forged } {
  for (;;) {
    const genuine = pick(roll, pool);
    const [way, change] = pick(roll, Object.entries(forgeries));
    const forged = change(genuine, roll);
    if (!isUnchanged(forged, genuine)) return { way, forged };
  }
}

/** So much that no forged timestamp is refused for its age. */
const toleranceSeconds = 1e12;

function optionsOf({ headers, body, key, ...genuine }: Forged) {
  const given = headers ?? headersOf({ ...genuine, body, key });
  return { headers: given, body, keys: [key], now, toleranceSeconds };
}

describe.each([
  { variant: "node", scheme: "v1", forged: 100_000, genuine: 10_000, verify: node.verify },
  { variant: "node", scheme: "v1a", forged: 100_000, genuine: 10_000, verify: node.verify },
  // WebCrypto starts a task of its own for each request.
  { variant: "web", scheme: "v1", forged: 20_000, genuine: 2_000, verify: web.verify },
  { variant: "web", scheme: "v1a", forged: 20_000, genuine: 2_000, verify: web.verify },
] as const)("verify, $variant, $scheme", ({ scheme, verify, forged: forgedCount, genuine: genuineCount }) => {
  it(`accepts none of ${forgedCount} forgeries, and throws nothing but a KeyError for a key`, async () => {
    const roll = createDice(7);
    const pool = Array.from({ length: 200 }, () => randomRequest(scheme, roll));
    const ways = new Set<string>();
    const accepted: unknown[] = [];
    for (let count = 0; count < forgedCount; count++) {
      const { way, forged } = forge(pool, roll);
      ways.add(way);
      try {
        const { ok } = await verify(optionsOf(forged));
        if (ok) accepted.push({ way, forged });
      } catch (error) {
        if (way !== "another key" || !(error instanceof node.KeyError)) throw error;
      }
    }
    expect(accepted).toEqual([]);
    expect([...ways].toSorted()).toEqual(Object.keys(forgeries).toSorted());
  }, 300_000);

  it(`accepts all of ${genuineCount} genuine requests`, async () => {
    const roll = createDice(11);
    const refused: unknown[] = [];
    for (let count = 0; count < genuineCount; count++) {
      const genuine = randomRequest(scheme, roll);
      const { ok } = await verify({ ...optionsOf(genuine), toleranceSeconds: 300 });
      if (!ok) refused.push(genuine);
    }
    expect(refused).toEqual([]);
  }, 300_000);
});
