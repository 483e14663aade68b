import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { createAlphabet } from "../alphabet.ts";
import { createBase64Check, decodeBase64 } from "../base64.ts";
import { rawBytes, refuseParsedBody } from "../body.ts";
import { isId, isTimestamp } from "../content.ts";
import { createHeaderReader, type HeaderReader } from "../headers.ts";
import { KeyError } from "../key.ts";
import { type Refusal, refuse } from "../reason.ts";
import { checkTimestamp } from "../window.ts";
import type { PreparedProvider, PrepareProviderOptions } from "./prepare.ts";
import type { HmacProvider } from "./row.ts";
import { verifiedProviderEvent } from "./verified-provider-event.ts";

/** Reads an HMAC row. */
export function prepareHmac(
  row: HmacProvider,
  { secrets, toleranceSeconds }: PrepareProviderOptions,
): PreparedProvider {
  checkMessage(row);
  const keys = secrets.map((secret) => parseSecret(row, secret));
  const fields = fieldsOf(row);
  const reader = createHeaderReader(fields.map((field) => field.header));
  return {
    verify: ({ headers, body: given, now }) => {
      const body = rawBytes(given);
      if (body === undefined) return refuseParsedBody(given);
      if (keys.length === 0) return refuse("key_unavailable", "Expected at least one secret to verify with.");
      const read = readFields(fields, reader.read(headers));
      if (!read.ok) return read;
      const { signature, id, type } = read;
      const timestamp = read.timestamp === undefined ? undefined : Number(read.timestamp);
      const late = timestamp === undefined ? undefined : checkTimestamp(timestamp, { now, toleranceSeconds });
      if (late !== undefined) return late;
      const bytes = Buffer.from(signature.slice(row.signature.prefix.length), row.signature.encoding);
      const keyIndex = findKey(keys, bytes, (key) => digest(row, key, { ...read, body }));
      if (keyIndex < 0)
        return refuse("no_matching_key", "The signature was not made with a configured secret.");
      const event = verifiedProviderEvent({ provider: row.id, id, type, timestamp, body });
      return { ok: true, event, keyIndex, covered: "signature" };
    },
  };
}

/** A row of one's own must sign the body, and may not sign a timestamp that it never reads. */
function checkMessage({ name, message, timestamp }: HmacProvider): void {
  const sources = message.map((part) => ("from" in part ? part.from : undefined));
  if (!sources.includes("body"))
    throw new TypeError(`Expected the message of ${name} to have the body in it.`);
  if (sources.includes("timestamp") !== (timestamp !== undefined)) {
    throw new TypeError(
      `Expected ${name} to have a timestamp both in a header and in its message, or in neither.`,
    );
  }
}

function parseSecret(row: HmacProvider, secret: string): KeyObject {
  const bytes = typeof secret === "string" ? decoders[row.secret](secret) : undefined;
  if (bytes === undefined || bytes.length === 0) {
    throw new KeyError(`Expected a secret of ${row.name} in ${row.secret}, not empty.`);
  }
  return createSecretKey(bytes);
}

const decoders: Readonly<Record<HmacProvider["secret"], (text: string) => Uint8Array | undefined>> = {
  utf8: (text) => Buffer.from(text, "utf8"),
  base64: decodeBase64,
  hex: (text) => (/^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : undefined),
};

/** The parts of a request that come from headers, each in a form that has one meaning. */
interface Fields {
  readonly ok: true;
  readonly signature: string;
  readonly id: string;
  readonly timestamp?: string;
  readonly type?: string;
}

interface Field {
  readonly part: "signature" | "id" | "timestamp" | "type";
  readonly header: string;
  readonly isWellFormed: (text: string) => boolean;
}

function fieldsOf({ signature, digest, timestamp, event }: HmacProvider): readonly Field[] {
  return [
    { part: "signature", header: signature.header, isWellFormed: signatureCheck(signature, digest) },
    { part: "id", header: event.id.header, isWellFormed: isId },
    ...(timestamp
      ? [{ part: "timestamp", header: timestamp.header, isWellFormed: isTimestamp } as const]
      : []),
    ...(event.type ? [{ part: "type", header: event.type.header, isWellFormed: isType } as const] : []),
  ];
}

const typeCharacters = createAlphabet("A-Za-z0-9_.:/-");

function isType(text: string): boolean {
  return text.length >= 1 && text.length <= 128 && typeCharacters.spans(text, 0, text.length);
}

const digestLengths = { sha1: 20, sha256: 32, sha512: 64 };
const hexDigits = createAlphabet("0-9a-f");

/** Exactly the texts a signature can have; hex in lower case, base64 canonical, so that each stands for other bytes. */
function signatureCheck({ prefix, encoding }: HmacProvider["signature"], digest: HmacProvider["digest"]) {
  const length = digestLengths[digest];
  const isBase64 = createBase64Check(length);
  const isHex = (text: string) => text.length === 2 * length && hexDigits.spans(text, 0, text.length);
  const isEncoded = encoding === "hex" ? isHex : isBase64;
  return (text: string) => text.startsWith(prefix) && isEncoded(text.slice(prefix.length));
}

function readFields(fields: readonly Field[], values: ReturnType<HeaderReader["read"]>): Fields | Refusal {
  const read: { ok: true } & Record<"signature" | "id", string> & { timestamp?: string; type?: string } = {
    ok: true,
    signature: "",
    id: "",
  };
  for (const [index, { part, header, isWellFormed }] of fields.entries()) {
    const value = values[index];
    if (value === undefined && part === "type") continue;
    if (value === undefined) return refuse("missing_header", `Expected the header ${header}.`);
    if (value === null || !isWellFormed(value)) {
      return refuse(
        "malformed_header",
        `Expected the header ${header} exactly once, in its documented form.`,
      );
    }
    read[part] = value;
  }
  return read;
}

function digest(row: HmacProvider, key: KeyObject, parts: Fields & { readonly body: Uint8Array }): Buffer {
  const hmac = createHmac(row.digest, key);
  for (const part of row.message) hmac.update("literal" in part ? part.literal : (parts[part.from] ?? ""));
  return hmac.digest();
}

/** The lowest index that matches; every key is tried. */
function findKey(
  keys: readonly KeyObject[],
  signature: Buffer,
  expected: (key: KeyObject) => Buffer,
): number {
  let found = -1;
  for (const [index, key] of keys.entries()) {
    if (timingSafeEqual(expected(key), signature) && found < 0) found = index;
  }
  return found;
}
