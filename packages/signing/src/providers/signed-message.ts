import { isSignedForAnyone } from "../handshake/oracle.ts";
import { isTimestamp } from "../content.ts";
import { type Refusal, refuse } from "../reason.ts";
import { checkTimestamp } from "../window.ts";
import type { AdapterRequest, Attested } from "./adapter.ts";
import { type ByteCount, createDecoder, joinBytes } from "./bytes.ts";
import { parseIsoSeconds } from "./iso-time.ts";
import type { HmacProvider, PublicKeyProvider, TimestampSource } from "./provider.ts";
import type { RequestView } from "./request-view.ts";
import type { SignatureFormat } from "./signature-format.ts";
import { type Candidate, createSignatureReader } from "./signature-reader.ts";
import { match, type Steps } from "./steps.ts";
import { assemble, type MessagePart, parseTemplate } from "./template.ts";
import { createValueReader, sourceHeaders } from "./value-reader.ts";

/** Checks a request that was read, before its event is named. */
export type AttestView = (
  view: RequestView,
  request: Pick<AdapterRequest, "nowSeconds">,
) => Steps<Attested | Refusal>;

/** What is needed besides the row. */
export interface AttestContext {
  /** How many keys there are. */
  readonly keyCount: number;
  /** How long a signature can be. */
  readonly signatureLength: ByteCount;
  readonly settings: Readonly<Record<string, string>>;
  readonly toleranceSeconds: number | undefined;
}

/**
 * Makes what checks the signatures of an `hmac` or `public-key` row: every one that is found and fresh, against every
 * key, without an early end.
 *
 * @throws TypeError for a row that says something that has no meaning, or that could not protect a request.
 */
export function createMessageAttest(
  row: HmacProvider | PublicKeyProvider,
  { keyCount, signatureLength, settings, toleranceSeconds = row.toleranceSeconds }: AttestContext,
): AttestView {
  const parts = parseTemplate(row.message);
  checkRow(row, parts);
  const readCandidates = createSignatureReader(
    row.signature,
    createDecoder(row.signature.encoding, signatureLength),
  );
  const readTime = row.timestamp && createTimestampReader(row.timestamp);
  // Most handshakes have nothing signed, and putting the message together in one piece costs as much as reading it.
  const signing = row.handshakes?.filter(({ proof }) => proof !== undefined && proof.key !== "none") ?? [];
  const covered = coversBody(parts) ? "signature" : "token";
  const isBodyOpen = touchesHeader(parts, row.timestamp);
  return function* attest(view, { nowSeconds }) {
    if (isBodyOpen && typeof view.json() !== "object")
      return refuse("malformed_header", "Expected a body of JSON: a header is signed right beside it.");
    const candidates = readCandidates(view);
    if (!isList(candidates)) return candidates;
    let found: Attested | undefined;
    let refusal: Refusal | undefined;
    for (const { signatures, fields } of candidates) {
      const time = readTime?.(view, { signatures, fields });
      if (time !== undefined && "ok" in time) return time;
      const late = time && checkTimestamp(time.seconds, { now: nowSeconds, toleranceSeconds });
      refusal ??= late;
      if (late !== undefined) continue;
      const message = assemble(parts, { view, timestamp: time?.text, settings });
      if ("ok" in message) return message;
      if (signing.length > 0 && isSignedForAnyone(signing, joinBytes(message))) continue;
      for (let key = keyCount - 1; key >= 0; key--) {
        if (!(yield* match({ key, message, signatures })) || (found?.keyIndex ?? Infinity) < key) continue;
        found = { ok: true, keyIndex: key, covered, timestamp: time?.seconds, fields };
      }
    }
    return found ?? refusal ?? refuse("no_matching_key", "No signature was made with a configured secret.");
  };
}

function isList(candidates: readonly Candidate[] | Refusal): candidates is readonly Candidate[] {
  return Array.isArray(candidates);
}

/** Whether the message vouches for the body's bytes. */
function coversBody(parts: readonly MessagePart[]): boolean {
  return parts.some(({ kind }) => kind === "body" || kind === "onlyField");
}

/**
 * Whether a header stands beside the body with nothing between: bytes of one could be the other's. An object or array of
 * JSON with more or less at its ends is none, so such a body shows where it ends. Timestamps have a form of their own.
 */
function touchesHeader(parts: readonly MessagePart[], timestamp: TimestampSource | undefined): boolean {
  return parts.some(
    (part, index) =>
      part.kind === "header" &&
      !(timestamp !== undefined && isTimePart(part, timestamp)) &&
      (parts[index - 1]?.kind === "body" || parts[index + 1]?.kind === "body"),
  );
}

/** A timestamp that is not signed protects nothing, and one that is signed but never read may be of any age. */
function checkRow(row: HmacProvider | PublicKeyProvider, parts: readonly MessagePart[]): void {
  const { name, timestamp, settings = {} } = row;
  if (parts.every(({ kind }) => kind === "literal" || kind === "setting"))
    throw new TypeError(`Expected the message of ${name} to have something of the request in it.`);
  for (const part of parts) {
    if (part.kind === "setting" && !(Object.hasOwn(settings, part.name) && settings[part.name]?.required))
      throw new TypeError(
        `Expected ${name} to describe the setting of its message, as one that is required.`,
      );
  }
  const isInMessage = parts.some(({ kind }) => kind === "timestamp");
  if (isInMessage && timestamp === undefined)
    throw new TypeError(`Expected a timestamp of ${name}, as its message has one in it.`);
  if (timestamp === undefined) return;
  if (timestamp.from === "signature" && !isField(timestamp.name, row.signature.format))
    throw new TypeError(`Expected the timestamp of ${name} in a field that its signatures leave.`);
  if (!isInMessage && !parts.some((part) => isTimePart(part, timestamp)))
    throw new TypeError(`Expected the timestamp of ${name} to be part of its message.`);
}

function isField(name: string, format: SignatureFormat | undefined): boolean {
  if (format?.kind === "positional") return name === String(format.timestampAt);
  return format?.kind === "fields" && !format.signatures.includes(name);
}

function isTimePart(part: MessagePart, timestamp: TimestampSource): boolean {
  switch (timestamp.from) {
    case "header":
      return part.kind === "header" && part.name === timestamp.name;
    case "body":
      return part.kind === "body" || (part.kind === "json" && part.name === timestamp.path);
    case "form":
      return part.kind === "body" || (part.kind === "form" && part.name === timestamp.name);
    case "query":
      return part.kind === "url" || (part.kind === "query" && part.name === timestamp.name);
    case "signature":
      return false;
  }
}

interface Time {
  readonly text: string;
  readonly seconds: number;
}

const parsers: Readonly<Record<TimestampSource["unit"], (text: string) => number | undefined>> = {
  s: (text) => (isTimestamp(text) ? Number(text) : undefined),
  ms: (text) => (/^[0-9]{1,15}$/.test(text) ? Math.floor(Number(text) / 1000) : undefined),
  iso: parseIsoSeconds,
};

function createTimestampReader(source: TimestampSource) {
  const read = createValueReader(source);
  const parse = parsers[source.unit];
  const [header] = sourceHeaders(source);
  const place = header === undefined ? "timestamp" : `header ${header}`;
  return (view: RequestView, { fields }: Candidate): Time | Refusal => {
    const text = read(view, { fields });
    if (text === undefined) return refuse("missing_header", `Expected the ${place}.`);
    const seconds = parse(text);
    if (seconds === undefined)
      return refuse("malformed_header", `Expected the ${place} in its documented form.`);
    return { text, seconds };
  };
}
