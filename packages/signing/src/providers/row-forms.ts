import { standardNames } from "../request.ts";
import { parsePath } from "./json-path.ts";
import type {
  AdapterProvider,
  HmacProvider,
  HttpMessageSignatureProvider,
  JwtProvider,
  Provider,
  ProviderBase,
  PublicKeyProvider,
  StandardProvider,
  TimestampSource,
  TokenProvider,
} from "./provider.ts";
import {
  filledIn,
  flag,
  type Form,
  integer,
  listOf,
  lowerCaseText,
  note,
  object,
  oneOf,
  optional,
  recordOf,
  text,
  variants,
} from "./row-form.ts";
import type { SignatureFormat } from "./signature-format.ts";
import { parseTemplate } from "./template.ts";
import type { ValueSource } from "./value-source.ts";

const anyText = text(/^[\s\S]{1,1024}$/, "a text of 1 to 1,024 characters");
const separator = text(/^[\s\S]{1,8}$/, "a text of 1 to 8 characters");
const header = lowerCaseText(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, "the name of a header");
const secretForm = oneOf(["utf8", "base64", "hex"]);
const tolerance = integer(0, 604_800);
const path = checked(anyText, parsePath);

/** A text that something else can read. */
function checked(form: Form<string>, parse: (given: string) => unknown): Form<string> {
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
function defined<Value>(name: string, form: Form<Value>): Form<Value> {
  return { ...form, schema: { $ref: `#/$defs/${name}` } };
}

function literal<const Value extends string>(value: Value): Form<Value> {
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
const sourceForm = variants<ValueSource>("from", {
  ...simpleSources,
  all: object<Extract<ValueSource, { from: "all" }>>({
    from: literal("all"),
    parts: listOf(variants<ValueSource>("from", simpleSources)),
  }),
});
const source = defined("source", sourceForm);

const unit = { unit: oneOf(["s", "ms", "iso"]) };
const timestampForm = variants<TimestampSource>("from", {
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

const plain = object<Extract<SignatureFormat, { kind: "plain" }>>({ kind: literal("plain") });
const prefix = object<Extract<SignatureFormat, { kind: "prefix" }>>({
  kind: literal("prefix"),
  prefix: anyText,
  optional: optional(flag),
  ignoreCase: optional(flag),
});
const formatForm = variants<SignatureFormat>("kind", {
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
const signatureForm = variants<Signature>("from", {
  header: object<Extract<Signature, { from: "header" }>>({ ...headerPlace, ...written }),
  numberedHeaders: object<Extract<Signature, { from: "numberedHeaders" }>>({ ...numberedPlace, ...written }),
  body: object<Extract<Signature, { from: "body" }>>({ ...pathPlace, ...written }),
  query: object<Signature & { from: "query" }>({ ...queryPlace, ...written }),
  form: object<Signature & { from: "form" }>({ ...formPlace, ...written }),
});
const signedMessage = {
  signature: defined("signature", signatureForm),
  message: checked(anyText, parseTemplate),
  timestamp: optional(defined("timestamp", timestampForm)),
  toleranceSeconds: optional(tolerance),
};

type Token = TokenProvider["token"];
const tokenForm = variants<Token>("from", {
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

/** What is left out here is a function of other members, or not for data. */
type Base = Omit<ProviderBase, "handshakes">;
const base: { readonly [Key in keyof Base]-?: Form<Exclude<Base[Key], undefined>> } = {
  id: text(/^[a-z0-9][a-z0-9-]{0,63}$/, "an id of 1 to 64 small letters, digits and -"),
  name: filledIn(anyText),
  aliases: optional(listOf(anyText)),
  documentation: optional(text(/^https?:\/\/\S{1,1024}$/, "a URL")),
  event: filledIn(
    object<ProviderBase["event"]>({
      id: optional(listOf(source)),
      type: optional(source),
      attempt: optional(source),
      repeats: optional(flag),
    }),
  ),
  batch: optional(
    object<NonNullable<ProviderBase["batch"]>>({
      items: checked(text(/^[\s\S]{0,1024}$/, "a path"), parsePath),
      id: optional(listOf(path)),
      type: optional(path),
    }),
  ),
  acknowledge: optional(
    object<NonNullable<ProviderBase["acknowledge"]>>({
      status: optional(integer(200, 299)),
      body: optional(anyText),
      rejectStatus: optional(integer(400, 499)),
      deadlineSeconds: optional(integer(1, 3_600)),
    }),
  ),
  hasNoSecrets: optional(flag),
  settings: optional(
    recordOf(
      object<{ readonly expected: string; readonly required?: boolean }>({
        expected: anyText,
        required: optional(flag),
      }),
    ),
  ),
};

type Data<Row> = Omit<Row, "handshakes">;
const kinds: Readonly<Record<Provider["kind"], Form<Provider>>> = {
  "standard-webhooks": object<Data<StandardProvider>>({
    kind: literal("standard-webhooks"),
    ...base,
    secret: optional(oneOf(["prefixed", "bare"])),
    headers: filledIn(
      object<StandardProvider["headers"]>({ id: header, timestamp: header, signature: header }),
    ),
  }),
  hmac: object<Data<HmacProvider>>({
    kind: literal("hmac"),
    ...base,
    digest: oneOf(["sha1", "sha256", "sha384", "sha512"]),
    secret: secretForm,
    ...signedMessage,
  }),
  token: object<Data<TokenProvider>>({
    kind: literal("token"),
    ...base,
    token: defined("token", tokenForm),
    format: optional(variants<NonNullable<TokenProvider["format"]>>("kind", { plain, prefix })),
  }),
  "public-key": object<Data<PublicKeyProvider>>({
    kind: literal("public-key"),
    ...base,
    algorithm: oneOf(["ed25519", "ecdsa-p256-sha256", "rsa-sha256"]),
    key: oneOf(["hex", "base64", "spki-base64", "spki-pem"]),
    ...signedMessage,
  }),
  jwt: object<Data<JwtProvider>>({
    kind: literal("jwt"),
    ...base,
    algorithms: listOf(
      oneOf(["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"]),
    ),
    token: variants<JwtProvider["token"]>("from", {
      header: object<Extract<JwtProvider["token"], { from: "header" }>>({
        from: literal("header"),
        name: header,
        prefix: optional(anyText),
      }),
      wholeBody: object<Extract<JwtProvider["token"], { from: "wholeBody" }>>({ from: literal("wholeBody") }),
    }),
    key: optional(jwtKey()),
    bodyHash: optional(
      object<NonNullable<JwtProvider["bodyHash"]>>({ claim: anyText, encoding: oneOf(["hex", "base64"]) }),
    ),
    queryHash: optional(object<{ readonly claim: string }>({ claim: anyText })),
    claims: optional(recordOf(claim())),
    requires: optional(listOf(oneOf(["iat", "exp"]))),
    toleranceSeconds: optional(tolerance),
  }),
  "http-message-signature": object<Data<HttpMessageSignatureProvider>>({
    kind: literal("http-message-signature"),
    ...base,
    components: listOf(anyText),
    secret: secretForm,
    rsa: optional(oneOf(["rsa-pss-sha512", "rsa-v1_5-sha256"])),
    toleranceSeconds: optional(tolerance),
  }),
  adapter: object<Data<AdapterProvider>>({ kind: literal("adapter"), ...base, adapter: anyText }),
};

type JwtKey = NonNullable<JwtProvider["key"]>;

function jwtKey(): Form<JwtKey> {
  const secret = literal("secret");
  const keySet = object<Extract<JwtKey, object>>({
    from: literal("jwks"),
    setting: anyText,
    path: optional(anyText),
  });
  return eitherTextOr(secret, keySet);
}

function claim(): Form<string | { readonly setting: string }> {
  return eitherTextOr(anyText, object<{ readonly setting: string }>({ setting: anyText }));
}

function eitherTextOr<Text extends string, Value>(one: Form<Text>, other: Form<Value>): Form<Text | Value> {
  return {
    schema: { anyOf: [one.schema, other.schema] },
    read: (given, place) => (typeof given === "string" ? one.read(given, place) : other.read(given, place)),
  };
}

const row = variants<Provider>("kind", kinds);

/** A row as data; what may be left out is filled in. */
export const rowForm: Form<Provider> = {
  schema: {
    ...row.schema,
    $defs: {
      source: sourceForm.schema,
      timestamp: timestampForm.schema,
      format: formatForm.schema,
      signature: signatureForm.schema,
      token: tokenForm.schema,
    },
  },
  read: (given, place) => {
    if (typeof given !== "object" || given === null || Array.isArray(given)) return row.read(given, place);
    const { id, kind } = given as { readonly id?: unknown; readonly kind?: unknown };
    const headers = kind === "standard-webhooks" ? { headers: standardNames } : {};
    return row.read({ name: id, event: {}, ...headers, ...given }, place);
  },
};
