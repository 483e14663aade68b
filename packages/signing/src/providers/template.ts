import { type Refusal, refuse } from "../reason.ts";
import { narrowBytes, utf8Bytes } from "./bytes.ts";
import { type JsonPath, parsePath, scalarText, onlyValue } from "./json-path.ts";
import { hubspotUrl } from "./request-url.ts";
import type { RequestView } from "./request-view.ts";

/** One part of a signed message. */
export type MessagePart =
  | { readonly kind: "literal"; readonly text: string; readonly bytes: Uint8Array }
  | { readonly kind: "body" | "timestamp" | "method" | "url" | "hubspotUrl" }
  | { readonly kind: "header" | "query" | "form" | "onlyField" | "setting"; readonly name: string }
  | { readonly kind: "json"; readonly path: JsonPath; readonly name: string };

const holeForm = /\{\{|\}\}|\{([a-zA-Z]+)(?::([^{}]+))?\}/g;
const plainHoles: Readonly<Record<string, MessagePart>> = {
  body: { kind: "body" },
  timestamp: { kind: "timestamp" },
  method: { kind: "method" },
  url: { kind: "url" },
  "url:hubspot": { kind: "hubspotUrl" },
};

/** Parses a row's `message`. @throws TypeError for a brace that stands alone or a name that means nothing. */
export function parseTemplate(template: string): readonly MessagePart[] {
  const parts: MessagePart[] = [];
  let literal = "";
  let end = 0;
  for (const hole of template.matchAll(holeForm)) {
    literal += plainText(template.slice(end, hole.index));
    end = hole.index + hole[0].length;
    if (hole[0] === "{{" || hole[0] === "}}") {
      literal += hole[0][0];
      continue;
    }
    if (literal !== "") parts.push(literalPart(literal));
    literal = "";
    parts.push(parseHole(hole));
  }
  literal += plainText(template.slice(end));
  if (literal !== "") parts.push(literalPart(literal));
  return parts;
}

function literalPart(text: string): MessagePart {
  return { kind: "literal", text, bytes: utf8Bytes(text) };
}

function plainText(text: string): string {
  if (/[{}]/.test(text))
    throw new TypeError("Expected a brace of the message to be doubled, or around a name.");
  return text;
}

function parseHole([text, kind = "", name = ""]: RegExpMatchArray): MessagePart {
  const inside = text.slice(1, -1);
  const plain = Object.hasOwn(plainHoles, inside) ? plainHoles[inside] : undefined;
  if (plain !== undefined) return plain;
  if (name !== "") {
    if (kind === "header") return { kind, name: name.toLowerCase() };
    if (kind === "form" && name.startsWith("only:")) return { kind: "onlyField", name: name.slice(5) };
    if (kind === "query" || kind === "form" || kind === "setting") return { kind, name };
    if (kind === "json") return { kind, name, path: parsePath(name) };
  }
  throw new TypeError(
    `Expected {body}, {timestamp}, {method}, {url}, {url:hubspot} or a name behind header:, query:, form:, form:only:, ` +
      `json: or setting: in the message, got ${text}.`,
  );
}

/** What a message is put together from. */
export interface MessageContext {
  readonly view: RequestView;
  readonly timestamp: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

/** The bytes of a message, part after part. Refuses a request that does not have a part, or has it in two readings. */
export function assemble(
  parts: readonly MessagePart[],
  context: MessageContext,
): readonly Uint8Array[] | Refusal {
  const bytes: Uint8Array[] = [];
  for (const [index, part] of parts.entries()) {
    const piece = pieceOf(part, context);
    if (typeof piece === "string")
      return refuse("missing_header", `Expected the ${piece} of the request: it is part of what is signed.`);
    if (part.kind === "header") {
      const mark = [parts[index - 1], parts[index + 1]].find((beside) =>
        isWithin(beside, part.name, context),
      );
      if (mark?.kind === "literal")
        return refuse(
          "malformed_header",
          `Expected the header ${part.name} without "${mark.text}", which ends it in what is signed.`,
        );
    }
    bytes.push(piece);
  }
  return bytes;
}

/**
 * Whether a header has the literal beside it in its text: its end could then be elsewhere, and one signature stand for two
 * headers and two bodies. A timestamp has a form of its own.
 */
function isWithin(
  beside: MessagePart | undefined,
  name: string,
  { view, timestamp }: MessageContext,
): boolean {
  const text = view.header(name);
  return beside?.kind === "literal" && text !== timestamp && text?.includes(beside.text) === true;
}

function pieceOf(part: MessagePart, { view, timestamp, settings }: MessageContext): Uint8Array | string {
  switch (part.kind) {
    case "literal":
      return part.bytes;
    case "body":
      return view.body;
    case "timestamp":
      return asciiPiece(timestamp, "timestamp");
    case "method":
      return asciiPiece(view.method?.toUpperCase(), "method");
    case "url":
      return asciiPiece(view.url, "URL");
    case "hubspotUrl":
      return asciiPiece(view.url === undefined ? undefined : hubspotUrl(view.url), "URL");
    case "header":
      return asciiPiece(view.header(part.name), `header ${part.name}`);
    case "query":
      return textPiece(view.queryValue(part.name), `parameter ${part.name}`);
    case "setting":
      return textPiece(settings[part.name], `setting ${part.name}`);
    case "json":
      return textPiece(onlyScalar(view, part.path), `member ${part.name}`);
    case "form":
      return narrowPiece(view.formValue(part.name), `field ${part.name}`);
    case "onlyField":
      return narrowPiece(onlyField(view, part.name), `form with ${part.name} as its only field`);
  }
}

const ascii = /^[ -~]{0,8192}$/;

/** Text of a header: other characters would have to be guessed back into bytes. */
function asciiPiece(text: string | undefined, name: string): Uint8Array | string {
  return text !== undefined && ascii.test(text) ? narrowBytes(text) : name;
}

function textPiece(text: string | undefined, name: string): Uint8Array | string {
  return text === undefined ? name : utf8Bytes(text);
}

function narrowPiece(text: string | undefined, name: string): Uint8Array | string {
  return text === undefined ? name : narrowBytes(text);
}

function onlyScalar(view: RequestView, path: JsonPath): string | undefined {
  return scalarText(onlyValue(view.json(), path));
}

/** Name and value; other fields, or the same bytes divided otherwise, would have the same signature. */
function onlyField(view: RequestView, name: string): string | undefined {
  const value = view.form()?.length === 1 ? view.formValue(name) : undefined;
  return value === undefined ? undefined : name + value;
}
