import { standardNames } from "../request.ts";
import { parsePath } from "./json-path.ts";
import {
  anyText,
  checked,
  defined,
  formatForm,
  header,
  literal,
  path,
  plain,
  prefix,
  secretForm,
  signatureForm,
  signedMessage,
  source,
  sourceForm,
  timestampForm,
  tokenForm,
  tolerance,
} from "./part-forms.ts";
import type {
  AdapterProvider,
  HmacProvider,
  HttpMessageSignatureProvider,
  JwtProvider,
  Provider,
  ProviderBase,
  PublicKeyProvider,
  StandardProvider,
  TokenProvider,
} from "./provider.ts";
import {
  filledIn,
  flag,
  type Form,
  integer,
  listOf,
  object,
  oneOf,
  optional,
  recordOf,
  text,
  variants,
} from "./row-form.ts";

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
