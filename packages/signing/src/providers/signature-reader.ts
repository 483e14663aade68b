import { type Refusal, refuse } from "../reason.ts";
import type { Decoder } from "./bytes.ts";
import { type JsonPath, parsePath, walk } from "./json-path.ts";
import type { RequestView } from "./request-view.ts";
import type { SignatureEncoding, SignatureFormat, SignaturePlace } from "./signature-format.ts";

/** Signatures that stand together, and the fields beside them. */
export interface Candidate {
  readonly signatures: readonly Uint8Array<ArrayBuffer>[];
  readonly fields: Readonly<Record<string, string>>;
}

/** Finds the signatures of a request, all of them in their documented form. */
export type SignatureReader = (view: RequestView) => readonly Candidate[] | Refusal;

const maxSignatures = 10;
const maxNumbered = 100;
const maxFields = 32;
const maxLength = 8192;

/** The headers in which a signature can be. */
export function signatureHeaders(place: SignaturePlace): readonly string[] {
  if (place.from === "header") return [place.name, ...(place.also ?? [])];
  if (place.from !== "numberedHeaders") return [];
  return Array.from({ length: maxNumbered }, (_, index) => `${place.prefix}${index + 1}`);
}

/** Makes a reader for the place and format that a row gives. @throws TypeError for a path that is none. */
export function createSignatureReader(
  signature: SignaturePlace & { readonly format?: SignatureFormat; readonly encoding: SignatureEncoding },
  decode: Decoder,
): SignatureReader {
  const { format = { kind: "plain" } } = signature;
  const find = createFinder(signature);
  const most = signature.from === "numberedHeaders" ? maxNumbered : maxSignatures;
  return (view) => {
    const texts = find(view);
    if (texts.length === 0) return refuse("missing_header", `Expected a signature in ${placeOf(signature)}.`);
    const candidates = texts.flatMap((text) =>
      text.length > maxLength ? [undefined] : candidatesIn(text, format, decode),
    );
    const wellFormed = candidates.filter((candidate) => candidate !== undefined);
    const count = wellFormed.reduce((sum, { signatures }) => sum + signatures.length, 0);
    if (wellFormed.length !== candidates.length || count > most)
      return refuse("malformed_header", `Expected ${placeOf(signature)} in its form: ${formOf(signature)}.`);
    if (count === 0)
      return refuse(
        "unknown_scheme",
        `Expected a signature of the provider's scheme in ${placeOf(signature)}.`,
      );
    return wellFormed.filter(({ signatures }) => signatures.length > 0);
  };
}

const encodingWords: Readonly<Record<SignatureEncoding, string>> = {
  hex: "lower-case hex",
  HEX: "upper-case hex",
  anyHex: "hex",
  base64: "base64",
  base64url: "base64url without padding",
  "base64url-padded": "base64url",
};

/** How a signature is written, with `…` for its bytes; for hints. */
function formOf({
  format,
  encoding,
}: {
  readonly format?: SignatureFormat;
  readonly encoding: SignatureEncoding;
}): string {
  const written = `… in ${encodingWords[encoding]}`;
  switch (format?.kind) {
    case undefined:
    case "plain":
      return written;
    case "prefix":
      return `${format.prefix}${written}`;
    case "fields":
      return `${format.signatures[0]}${format.assign}${written}, fields separated by ${JSON.stringify(format.separator)}`;
    case "tagged":
      return `${format.tags[0]}${format.assign}${written}, separated by ${JSON.stringify(format.separator)}`;
    case "list":
    case "positional":
      return `${written}, separated by ${JSON.stringify(format.separator)}`;
  }
}

/** In words, for hints. */
export function placeOf(place: SignaturePlace): string {
  switch (place.from) {
    case "header":
      return `the header ${place.name}`;
    case "numberedHeaders":
      return `the header ${place.prefix}1`;
    case "body":
      return `the member ${place.path} of the body`;
    case "query":
      return `the parameter ${place.name}`;
    case "form":
      return `the field ${place.name}`;
  }
}

/** Makes a finder of the texts that stand at a place. */
export function createFinder(place: SignaturePlace): (view: RequestView) => readonly string[] {
  switch (place.from) {
    case "header":
    case "numberedHeaders": {
      const names = signatureHeaders(place);
      return (view) => names.map((name) => view.header(name)).filter((text) => text !== undefined);
    }
    case "body": {
      const path = parsePath(place.path);
      return (view) => textsAt(view, path);
    }
    case "query":
      return (view) => present(view.queryValue(place.name));
    case "form":
      return (view) => present(view.formValue(place.name));
  }
}

function present(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text];
}

function textsAt(view: RequestView, path: JsonPath): readonly string[] {
  return walk(view.json(), path)
    .map(({ value }) => value)
    .filter((value) => typeof value === "string");
}

type Candidates = readonly (Candidate | undefined)[];

/** The candidates in one text; `undefined` among them for a part that is malformed. */
function candidatesIn(text: string, format: SignatureFormat, decode: Decoder): Candidates {
  switch (format.kind) {
    case "plain":
      return [candidateOf([text], decode)];
    case "prefix":
      return [candidateOf([withoutPrefix(text, format)], decode)];
    case "list":
      return [candidateOf(splitAt(text, format.separator), decode)];
    case "tagged":
      return [taggedCandidate(text, format, decode)];
    case "positional":
      return [positionalCandidate(text, format, decode)];
    case "fields": {
      const groups = format.groups === undefined ? [text] : text.split(format.groups, maxFields + 1);
      if (groups.length > maxFields) return [undefined];
      return groups.map((group) => fieldsCandidate(group, format, decode));
    }
  }
}

function candidateOf(
  texts: readonly (string | undefined)[],
  decode: Decoder,
  fields: Readonly<Record<string, string>> = {},
): Candidate | undefined {
  if (texts.length > maxFields) return undefined;
  const signatures = texts.map((text) => (text === undefined ? undefined : decode(text)));
  return signatures.every((bytes) => bytes !== undefined) ? { signatures, fields } : undefined;
}

type Format<Kind> = Extract<SignatureFormat, { kind: Kind }>;

/** `undefined` without the prefix, unless it may be left out. */
export function withoutPrefix(
  text: string,
  { prefix, optional = false, ignoreCase = false }: Format<"prefix">,
): string | undefined {
  const start = text.slice(0, prefix.length);
  const isThere = ignoreCase ? start.toLowerCase() === prefix.toLowerCase() : start === prefix;
  return isThere ? text.slice(prefix.length) : optional ? text : undefined;
}

/** A space after the separator is allowed, as in any list of HTTP; a separator that is a space stands alone. */
function splitAt(text: string, separator: string): readonly string[] {
  const parts = text.split(separator, maxFields + 1);
  if (separator === " ") return parts;
  return parts.map((part, index) => (index > 0 && part.startsWith(" ") ? part.slice(1) : part));
}

function taggedCandidate(text: string, format: Format<"tagged">, decode: Decoder): Candidate | undefined {
  const pairs = splitAt(text, format.separator).map((part) => pairOf(part, format.assign));
  if (pairs.includes(undefined)) return undefined;
  const ours = pairs.filter((pair) => pair !== undefined && format.tags.includes(pair[0]));
  return candidateOf(
    ours.map((pair) => pair?.[1]),
    decode,
  );
}

function positionalCandidate(
  text: string,
  { separator, timestampAt }: Format<"positional">,
  decode: Decoder,
): Candidate | undefined {
  const values = splitAt(text, separator);
  const timestamp = values[timestampAt];
  if (timestamp === undefined) return undefined;
  return candidateOf(values.toSpliced(timestampAt, 1), decode, { [timestampAt]: timestamp });
}

/** A field that is no signature stands there once. */
function fieldsCandidate(text: string, format: Format<"fields">, decode: Decoder): Candidate | undefined {
  const signatures: string[] = [];
  const others = new Map<string, string>();
  for (const part of splitAt(text, format.separator)) {
    const pair = pairOf(part, format.assign);
    if (pair === undefined) return undefined;
    const [name, value] = pair;
    if (format.signatures.includes(name)) signatures.push(value);
    else if (others.has(name)) return undefined;
    else others.set(name, value);
  }
  return candidateOf(signatures, decode, Object.fromEntries(others));
}

function pairOf(text: string, assign: string): readonly [string, string] | undefined {
  const end = text.indexOf(assign);
  return end < 1 ? undefined : [text.slice(0, end), text.slice(end + assign.length)];
}
