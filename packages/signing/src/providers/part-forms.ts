import { parsePath } from "./json-path.ts";
import type { HmacProvider, TimestampSource, TokenProvider } from "./provider.ts";
import {
  flag,
  type Form,
  integer,
  listOf,
  lowerCaseText,
  note,
  object,
  oneOf,
  optional,
  text,
  variants,
} from "./row-form.ts";
import type { SignatureFormat } from "./signature-format.ts";
import { parseTemplate } from "./template.ts";
import type { ValueSource } from "./value-source.ts";

export const anyText = text(/^[\s\S]{1,1024}$/, "a text of 1 to 1,024 characters");
const separator = text(/^[\s\S]{1,8}$/, "a text of 1 to 8 characters");
export const header = lowerCaseText(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, "the name of a header");
export const secretForm = oneOf(["utf8", "base64", "hex"]);
export const tolerance = integer(0, 604_800);
export const path = checked(anyText, parsePath);

/** A text that something else can read. */
export function checked(form: Form<string>, parse: (given: string) => unknown): Form<string> {
  return {
    schema: form.schema,
    read: (given, place) => {
      const value = form.read(given, place);
      try {
        if (value !== undefined) parse(value);
        return value;
      } catch (error) {
        // The parsers' messages are of the form "Expected …."
        const message = error instanceof Error ? error.message : "Expected something else.";
        return note(place, message.replace(/^Expected (.*)\.$/s, "$1"));
      }
    },
  };
}

/** A form whose schema stands in one place for all that use it. */
export function defined<Value>(name: string, form: Form<Value>): Form<Value> {
  return { ...form, schema: { $ref: `#/$defs/${name}` } };
}

export function literal<const Value extends string>(value: Value): Form<Value> {
  return oneOf([value]);
}

const named = { name: anyText };
const headerPlace = { from: literal("header"), name: header, also: optional(listOf(header)) };
const pathPlace = { from: literal("body"), path };
const queryPlace = { from: literal("query"), ...named };
const formPlace = { from: literal("form"), ...named };

const simpleSources: Readonly<Record<string, Form<ValueSource>>> = {
  header: object<Extract<ValueSource, { from: "header" }>>(headerPlace),
  body: object<Extract<ValueSource, { from: "body" }>>(pathPlace),
  query: object<{ from: "query"; name: string }>(queryPlace),
  form: object<{ from: "form"; name: string }>(formPlace),
  signature: object<Extract<ValueSource, { from: "signature" }>>({ from: literal("signature"), ...named }),
  claim: object<Extract<ValueSource, { from: "claim" }>>({ from: literal("claim"), ...named }),
};
export const sourceForm = variants<ValueSource>("from", {
  ...simpleSources,
  all: object<Extract<ValueSource, { from: "all" }>>({
    from: literal("all"),
    parts: listOf(variants<ValueSource>("from", simpleSources)),
  }),
});
export const source = defined("source", sourceForm);

const unit = { unit: oneOf(["s", "ms", "iso"]) };
export const timestampForm = variants<TimestampSource>("from", {
  header: object<Extract<TimestampSource, { from: "header" }>>({ ...headerPlace, ...unit }),
  body: object<Extract<TimestampSource, { from: "body" }>>({ ...pathPlace, ...unit }),
  query: object<{ from: "query"; name: string; unit: TimestampSource["unit"] }>({ ...queryPlace, ...unit }),
  form: object<{ from: "form"; name: string; unit: TimestampSource["unit"] }>({ ...formPlace, ...unit }),
  signature: object<Extract<TimestampSource, { from: "signature" }>>({
    from: literal("signature"),
    ...named,
    ...unit,
  }),
});

export const plain = object<Extract<SignatureFormat, { kind: "plain" }>>({ kind: literal("plain") });
export const prefix = object<Extract<SignatureFormat, { kind: "prefix" }>>({
  kind: literal("prefix"),
  prefix: anyText,
  optional: optional(flag),
  ignoreCase: optional(flag),
});
export const formatForm = variants<SignatureFormat>("kind", {
  plain,
  prefix,
  fields: object<Extract<SignatureFormat, { kind: "fields" }>>({
    kind: literal("fields"),
    separator,
    assign: separator,
    signatures: listOf(anyText),
    groups: optional(separator),
  }),
  list: object<Extract<SignatureFormat, { kind: "list" }>>({ kind: literal("list"), separator }),
  tagged: object<Extract<SignatureFormat, { kind: "tagged" }>>({
    kind: literal("tagged"),
    separator,
    assign: separator,
    tags: listOf(anyText),
  }),
  positional: object<Extract<SignatureFormat, { kind: "positional" }>>({
    kind: literal("positional"),
    separator,
    timestampAt: integer(0, 9),
  }),
});

type Signature = HmacProvider["signature"];
const written = {
  format: optional(defined("format", formatForm)),
  encoding: oneOf(["hex", "HEX", "anyHex", "base64", "base64url", "base64url-padded"]),
};
const numberedPlace = { from: literal("numberedHeaders"), prefix: header };
export const signatureForm = variants<Signature>("from", {
  header: object<Extract<Signature, { from: "header" }>>({ ...headerPlace, ...written }),
  numberedHeaders: object<Extract<Signature, { from: "numberedHeaders" }>>({ ...numberedPlace, ...written }),
  body: object<Extract<Signature, { from: "body" }>>({ ...pathPlace, ...written }),
  query: object<Signature & { from: "query" }>({ ...queryPlace, ...written }),
  form: object<Signature & { from: "form" }>({ ...formPlace, ...written }),
});
export const signedMessage = {
  signature: defined("signature", signatureForm),
  message: checked(anyText, parseTemplate),
  timestamp: optional(defined("timestamp", timestampForm)),
  toleranceSeconds: optional(tolerance),
};

type Token = TokenProvider["token"];
export const tokenForm = variants<Token>("from", {
  header: object<Extract<Token, { from: "header" }>>(headerPlace),
  body: object<Extract<Token, { from: "body" }>>(pathPlace),
  query: object<{ from: "query"; name: string }>(queryPlace),
  form: object<{ from: "form"; name: string }>(formPlace),
  setting: object<Extract<Token, { from: "setting" }>>({
    from: literal("setting"),
    ...named,
    fallback: optional(header),
  }),
  basic: object<Extract<Token, { from: "basic" }>>({ from: literal("basic") }),
});
