import { describe, expect, it } from "vitest";
import { createDice, type Dice } from "../proof/dice.ts";
import { type GenuineRequest, makeGenuineRequest } from "../proof/genuine-request.ts";
import { prepareProvider, providers } from "../providers.ts";
import type { HmacProvider, Provider, StandardProvider, TokenProvider } from "../providers.ts";

type SignedRow = StandardProvider | HmacProvider | TokenProvider;

const rows = Object.values<Provider>(providers).filter((row): row is SignedRow =>
  ["standard-webhooks", "hmac", "token"].includes(row.kind),
);
const kinds = Object.entries(Object.groupBy(rows, ({ kind }) => kind)).map(([kind, rows = []]) => ({
  kind,
  rows,
}));

const genuinePerKind = 10_000;
const forgedPerKind = 100_000;
const forgedPerRequest = 25;

function prepare(row: SignedRow, { secret, settings }: GenuineRequest) {
  return prepareProvider(row, { secrets: [secret], settings });
}

describe.each(kinds)("every $kind row", ({ rows }) => {
  it.each(rows)("accepts what it signs, and says what it is: $id", (row) => {
    const roll = createDice(rows.indexOf(row) + 1);
    for (let round = 0; round < Math.ceil(genuinePerKind / rows.length); round++) {
      const request = makeGenuineRequest(row, roll);
      const result = prepare(row, request).verify(request);
      if (!result.ok) throw new Error(`Round ${round}: ${result.reason}: ${result.hint}`);
      const { event, covered } = result;
      expect(event.provider).toBe(row.id);
      expect(event.body).toBe(request.body);
      if (request.id !== undefined && !row.event.repeats) expect(event.id).toBe(request.id);
      if (row.kind === "token") expect(covered).not.toBe("signature");
    }
  });

  it.each(rows)("accepts nothing that was changed: $id", (row) => {
    const roll = createDice(1000 + rows.indexOf(row));
    const rounds = Math.ceil(forgedPerKind / rows.length / forgedPerRequest);
    for (let round = 0; round < rounds; round++) {
      const request = makeGenuineRequest(row, roll);
      const { verify } = prepare(row, request);
      for (let index = 0; index < forgedPerRequest;) {
        const { part, forged } = forge(row, request, roll);
        if (isSame(row, request, forged)) continue;
        index++;
        if (verify(forged).ok) throw new Error(`Round ${round}.${index}, changed ${part}: ${show(forged)}`);
      }
      const other = prepareProvider(row, {
        secrets: [otherSecret(row, roll)],
        settings: request.settings,
      });
      expect(other.verify(request)).toMatchObject({ ok: false, reason: "no_matching_key" });
    }
  });
});

type Forged = Omit<GenuineRequest, "headers"> & {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
};

function show({ headers, body, url, method }: Forged): string {
  return JSON.stringify({ headers, url, method, body: body.toString("latin1") });
}

function otherSecret(row: SignedRow, roll: Dice): string {
  return makeGenuineRequest(row, roll).secret;
}

/** The parts of a request that something of the row vouches for. */
function partsOf(row: SignedRow, { signedHeaders }: GenuineRequest): readonly string[] {
  const inMessage = (hole: string) => row.kind === "hmac" && row.message.includes(hole);
  const isBodySigned = row.kind === "standard-webhooks" || inMessage("{body}") || inMessage("{form:");
  return [
    ...signedHeaders.flatMap((name) => [name, name]),
    ...(isBodySigned ? ["body", "body"] : []),
    ...(row.kind === "token" && row.token.from === "body" ? ["body"] : []),
    ...(inMessage("{json:") ? ["body"] : []),
    ...(inMessage("{url") || (row.kind === "token" && row.token.from === "query") ? ["url"] : []),
    ...(inMessage("{method}") ? ["method"] : []),
    ...("timestamp" in row || row.kind === "standard-webhooks" ? ["now"] : []),
  ];
}

function forge(row: SignedRow, request: GenuineRequest, roll: Dice): { part: string; forged: Forged } {
  const parts = partsOf(row, request);
  const part = parts[roll(parts.length)] ?? "";
  return { part, forged: { ...request, ...change(part, request, roll) } };
}

function change(part: string, request: GenuineRequest, roll: Dice): Partial<Forged> {
  const { headers, body, url, now } = request;
  switch (part) {
    case "body":
      return { body: changeBytes(body, roll) };
    case "url":
      return { url: changeText(url, roll) };
    case "method":
      return { method: ["GET", "PUT", "POST ", "", "ＰＯＳＴ"][roll(5)] ?? "" };
    case "now":
      return { now: now + (roll(2) === 0 ? 1 : -1) * (3601 + roll(1e7)) };
    default:
      return { headers: changeHeader(headers, part, roll) };
  }
}

function changeHeader(headers: GenuineRequest["headers"], name: string, roll: Dice): Forged["headers"] {
  const { [name]: value = "", ...others } = headers;
  switch (roll(12)) {
    case 0:
      return others;
    case 1:
      return { ...headers, [name]: [value, value] };
    case 2:
      return { ...headers, [name.toUpperCase()]: value };
    case 3:
      return { ...headers, [name]: `${value}, ${value}` };
    default:
      return { ...headers, [name]: changeText(value, roll) };
  }
}

/** Among other things what lenient readers take for the same: other base64, spaces, capitals, other digits. */
function changeText(text: string, roll: Dice): string {
  const at = roll(text.length + 1);
  const lenient = [
    () => text.replaceAll("+", "-").replaceAll("/", "_"),
    () => text.replace(/=+$/, ""),
    () => `${text}=`,
    () => `${text}\n`,
    () => ` ${text}`,
    () => `${text}\u0000`,
    () => text.toUpperCase(),
    () => text.slice(0, at),
    () => text.slice(at),
    () => text.slice(0, at) + " " + text.slice(at),
    () => text.slice(0, at) + String.fromCharCode(33 + roll(94)) + text.slice(at),
    () => text.replace(/[0-9]/, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
    () => text.replace(/[0-9]+/, "0$&"),
    () => text.replace(/[0-9]+/, "$&.0"),
    () => text.replace(/[0-9]+/, "+$&"),
    () => "",
  ];
  const pick = roll(2 * lenient.length);
  return lenient[pick]?.() ?? changeBytes(Buffer.from(text, "latin1"), roll).toString("latin1");
}

function changeBytes(bytes: Buffer, roll: Dice): Buffer {
  const at = roll(Math.max(bytes.length, 1));
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (roll(10)) {
    case 0:
      return Buffer.concat([before, Buffer.from([roll(256)]), after]);
    case 1:
      return Buffer.concat([before, after.subarray(1)]);
    case 2:
      return Buffer.from(before);
    case 3:
      return Buffer.from(bytes.toString("latin1").replace("\u00ef\u00bf\u00bd", "\u00ff"), "latin1");
    case 4:
      return Buffer.concat([after, before]);
    case 5:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    case 6:
      return reserialised(bytes);
    default: {
      const changed = Buffer.from(bytes);
      if (changed.length > 0) changed[at]! ^= 1 << roll(8);
      return changed;
    }
  }
}

function reserialised(bytes: Buffer): Buffer {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(bytes.toString()), null, 3));
  } catch {
    return Buffer.alloc(0);
  }
}

/**
 * Whether a change leaves what the provider vouches for as it was: nothing at all was changed, a space that a list may
 * have, capitals where the row allows them, a form or JSON that decodes to the same.
 */
function isSame(row: SignedRow, request: GenuineRequest, forged: Forged): boolean {
  return JSON.stringify(meaningOf(row, request)) === JSON.stringify(meaningOf(row, forged));
}

function meaningOf(row: SignedRow, { headers, body, url, method, now, signedHeaders }: Forged) {
  const signed = signedHeaders.map((name) => meaningOfHeader(row, headers[name]));
  const others = Object.keys(headers).toSorted();
  const isPart = (part: string) => partsOf(row, { signedHeaders } as GenuineRequest).includes(part);
  return [
    signed,
    others,
    isPart("body") && meaningOfBody(row, body),
    isPart("url") && (row.kind === "token" ? codesOf(url) : url),
    isPart("method") && method,
    now,
  ];
}

function codesOf(url: string): readonly string[] {
  return URL.canParse(url) ? new URL(url).searchParams.getAll("code") : [];
}

function meaningOfHeader(row: SignedRow, value: Forged["headers"][string] | undefined) {
  if (typeof value !== "string") return value;
  if (row.kind === "hmac") {
    const { format = { kind: "plain" }, encoding } = row.signature;
    if (encoding === "anyHex") return value.toLowerCase();
    // A list may have a space behind its commas, and the same signature twice.
    const isList =
      ["fields", "list", "positional"].includes(format.kind) && row.timestamp?.from !== "signature";
    return isList ? [...new Set(value.split(/, ?/))] : value.replace(/, /g, ",");
  }
  if (row.kind === "token" && row.format?.kind === "prefix") return value.replace(/^Bearer /, "");
  return row.kind === "token" && row.token.from === "basic" ? value.replace(/^basic /i, "") : value;
}

function meaningOfBody(row: SignedRow, body: Buffer) {
  if (row.kind === "hmac" && row.message.includes("{form:only:"))
    return [...new URLSearchParams(body.toString("latin1"))];
  if (row.kind === "hmac" && row.message.includes("{json:")) return parsed(body)?.["signature"];
  if (row.kind !== "token") return body.toString("latin1");
  return (parsed(body)?.["value"] as { clientState?: unknown }[] | undefined)?.map(
    (item) => item?.clientState,
  );
}

function parsed(body: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body)) as Record<
      string,
      unknown
    >;
  } catch {
    return undefined;
  }
}
