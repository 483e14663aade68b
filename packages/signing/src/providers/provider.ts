import type { Handshake } from "../handshake/handshake.ts";
import type { SignatureHeaderNames } from "../request.ts";
import type { SignatureEncoding, SignatureFormat, SignaturePlace } from "./signature-format.ts";
import type { SettingForm, ValueSource } from "./value-source.ts";

/** What every row says. */
export interface ProviderBase {
  /** kebab-case; becomes the event's `provider`. */
  readonly id: string;
  readonly name: string;
  /** Other ids it is found by. */
  readonly aliases?: readonly string[];
  /** The page that describes the scheme. */
  readonly documentation?: string;
  /** What names an event. */
  readonly event: EventNaming;
  /** For bodies that carry several events. */
  readonly batch?: Batch;
  readonly acknowledge?: Acknowledgement;
  /** Keys are fetched, and there is no secret to configure. */
  readonly hasNoSecrets?: boolean;
  /** What is asked and answered before there are events. */
  readonly handshakes?: readonly Handshake[];
  /** What `settings` must or may hold, by name. */
  readonly settings?: Readonly<Record<string, SettingForm>>;
}

/** Where an event's id, type and number of attempt stand. */
export interface EventNaming {
  /** What to dedupe by, in the order of preference. Where none is found, a hash of the body is the id. */
  readonly id?: readonly ValueSource[];
  readonly type?: ValueSource;
  readonly attempt?: ValueSource;
  /** The same bytes may be another event. The second of arrival is then part of the id. */
  readonly repeats?: boolean;
}

/** Where the events of a body with several stand. */
export interface Batch {
  /** The array in the body: `""` for the body itself, or a path such as `events`. */
  readonly items: string;
  /** Paths inside an item that together are its id. */
  readonly id?: readonly string[];
  /** The path inside an item to its type. */
  readonly type?: string;
}

/** What the provider wants to hear. */
export interface Acknowledgement {
  /** Default 200. */
  readonly status?: number;
  /** Default: none. */
  readonly body?: string;
  /** For a refused request; default 401. */
  readonly rejectStatus?: number;
  /** How long it waits for an answer. */
  readonly deadlineSeconds?: number;
}

/** A sender that follows Standard Webhooks, perhaps under header names of its own. Secrets: `whsec_…`, `whpk_…`. */
export interface StandardProvider extends ProviderBase {
  readonly kind: "standard-webhooks";
  /** Header names, lower-case. The event's id and timestamp come from here and are covered by the signature. */
  readonly headers: SignatureHeaderNames;
  /**
   * How the provider writes its secrets. `prefixed`: `whsec_…` or `whpk_…`, as the specification says; the default.
   * `bare`: the same base64, perhaps with no prefix, or with `v1,` before it.
   */
  readonly secret?: "prefixed" | "bare";
}

/** The parts of a row whose signature is over a message built from the request. */
export interface SignedMessage {
  readonly signature: SignaturePlace & {
    readonly format?: SignatureFormat;
    readonly encoding: SignatureEncoding;
  };
  /**
   * What is signed: literal text and, in braces, `body`, `timestamp` (its text as sent), `method`, `url` (as the
   * provider called it), `url:hubspot`, `header:NAME`, `json:PATH` (the scalar as it stands in the body), `query:NAME`,
   * `form:NAME`, `form:only:NAME` (name and value of the only field), `setting:NAME`. `{{` and `}}` are braces. It
   * is read once and put together as bytes: nothing is ever substituted into text. A header may not have the literal text
   * beside it in its own, and a body with a header right beside it must be JSON. A row whose message does not have the
   * body in it vouches for the sender only: `covered` is then `token`.
   */
  readonly message: string;
  /** When it was signed; must be in the message, or in a body that is. Without one there is no protection against old requests. */
  readonly timestamp?: TimestampSource;
  /** How far the timestamp may be from the clock, unless options say otherwise; default 300. */
  readonly toleranceSeconds?: number;
}

/** Where the timestamp stands and what it counts. `iso` is RFC 3339. */
export type TimestampSource = Extract<
  ValueSource,
  { from: "header" | "body" | "query" | "form" | "signature" }
> & {
  readonly unit: "s" | "ms" | "iso";
};

/** A sender that signs with an HMAC. */
export interface HmacProvider extends ProviderBase, SignedMessage {
  readonly kind: "hmac";
  /** The hash function of the HMAC. */
  readonly digest: "sha1" | "sha256" | "sha384" | "sha512";
  /** How a secret's text becomes key bytes. */
  readonly secret: "utf8" | "base64" | "hex";
}

/** A sender that shows a shared token or password. The body is not covered by anything. */
export interface TokenProvider extends ProviderBase {
  readonly kind: "token";
  /** Where the token stands. `basic` is HTTP Basic; its secrets are `user:password`. `setting` is the header that a setting names, or else `fallback`. */
  readonly token:
    | Exclude<SignaturePlace, { from: "numberedHeaders" }>
    | { readonly from: "setting"; readonly name: string; readonly fallback?: string }
    | { readonly from: "basic" };
  /** `plain` or `prefix`; default `plain`. */
  readonly format?: Extract<SignatureFormat, { kind: "plain" | "prefix" }>;
}

/** A sender that signs with a private key whose public key is configured as the secret. */
export interface PublicKeyProvider extends ProviderBase, SignedMessage {
  readonly kind: "public-key";
  readonly algorithm: "ed25519" | "ecdsa-p256-sha256" | "rsa-sha256";
  /** How a secret holds the public key: raw bytes in hex or base64, or SubjectPublicKeyInfo in base64 or PEM. */
  readonly key: "hex" | "base64" | "spki-base64" | "spki-pem";
}

/** A sender that sends a JSON Web Token (RFC 7519). */
export interface JwtProvider extends ProviderBase {
  readonly kind: "jwt";
  /** The signature algorithms accepted. A token names one, and never makes another acceptable. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** Where the token stands; `{ from: "wholeBody" }` when it is the body. */
  readonly token:
    | { readonly from: "header"; readonly name: string; readonly prefix?: string }
    | { readonly from: "wholeBody" };
  /**
   * Where keys come from. `secret`: the secrets, each a shared secret or a public key in PEM; which algorithms it serves
   * follows from its kind. `jwks`: the key set at the address that a setting holds, with `path` behind it. Default `secret`.
   */
  readonly key?: "secret" | { readonly from: "jwks"; readonly setting: string; readonly path?: string };
  /** The claim with the SHA-256 of the body; without one (and unless the token is the body) the body is not covered. */
  readonly bodyHash?: { readonly claim: string; readonly encoding: "hex" | "base64" };
  /** The claim with Atlassian's hash of method, path and query. */
  readonly queryHash?: { readonly claim: string };
  /** Claims that must hold what stands here, or what a setting holds; of an array, one element. An optional setting that is not there asks for nothing. */
  readonly claims?: Readonly<Record<string, string | { readonly setting: string }>>;
  /** Which of the claims of time must be there; those that are there are always checked. */
  readonly requires?: readonly ("iat" | "exp")[];
  /** How far `iat` may be from the clock, either way. Without it `iat` is only kept from being in the future, by 300 s. */
  readonly toleranceSeconds?: number;
}

/** Algorithms of RFC 7518 and RFC 8037. There is no `none`. */
export type JwtAlgorithm =
  | "HS256"
  | "HS384"
  | "HS512"
  | "RS256"
  | "RS384"
  | "RS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA";

/** A sender that follows RFC 9421. Secrets are shared secrets, or public keys in PEM. */
export interface HttpMessageSignatureProvider extends ProviderBase {
  readonly kind: "http-message-signature";
  /**
   * What a signature must cover beside `content-digest`: a policy of the receiver, never of the message. `@authority`,
   * `@path` and `@query` together count as `@target-uri`.
   */
  readonly components: readonly string[];
  /** How a shared secret's text becomes key bytes. */
  readonly secret: "utf8" | "base64" | "hex";
  /** How RSA keys sign; default `rsa-pss-sha512`. */
  readonly rsa?: "rsa-pss-sha512" | "rsa-v1_5-sha256";
  /** How far `created` may be from the clock, either way, unless options say otherwise; default 300. */
  readonly toleranceSeconds?: number;
}

/** A sender whose scheme is code, under the adapter's name. */
export interface AdapterProvider extends ProviderBase {
  readonly kind: "adapter";
  readonly adapter: string;
}

/** How a provider signs: data, read by one interpreter a kind. */
export type Provider =
  | StandardProvider
  | HmacProvider
  | TokenProvider
  | PublicKeyProvider
  | JwtProvider
  | HttpMessageSignatureProvider
  | AdapterProvider;

/** Rows that are verified without waiting for anything. */
export type SyncProvider = StandardProvider | HmacProvider | TokenProvider | PublicKeyProvider;
