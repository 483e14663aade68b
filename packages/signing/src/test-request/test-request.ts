import { createHmac } from "node:crypto";
import { type Draft, place, valueAt } from "./draft.ts";
import { messageOf } from "./message.ts";
import { encode, formatted } from "./signature-text.ts";
import { signLikeTwilio } from "./twilio.ts";
import { generateTestHeaders } from "../test-headers.ts";
import type { HmacProvider, Provider, StandardProvider, TokenProvider } from "../providers/provider.ts";
import { prefixedSecret } from "../providers/standard-secret.ts";

/** What `generateTestRequest` takes. */
export interface TestRequestOptions {
  /** As the provider shows it. */
  readonly secret: string;
  readonly body: Uint8Array | string;
  /** Default: `test-1`. */
  readonly id?: string;
  /** Put where the provider names an event's type in a header. */
  readonly type?: string;
  /** Unix seconds; default: now. */
  readonly timestamp?: number;
  /** The full URL as the provider calls it. Default: `https://example.com/webhooks`. */
  readonly url?: string;
  /** Default: `POST`. */
  readonly method?: string;
  /** What the row's `settings` ask for. */
  readonly settings?: Readonly<Record<string, string>>;
  /** More headers, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as the provider sends it. */
export interface TestRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * Makes a genuine request of a provider, for the tests of a receiver. Where the signature stands in the body, the query or
 * a form, `body` or `url` is changed to hold it.
 *
 * It reads the rows by itself and shares nothing with verification, so that one proves the other.
 *
 * @throws TypeError for a provider that signs otherwise than with Standard Webhooks, an HMAC or a token (Twilio apart),
 * KeyError for a secret that is none.
 */
export function generateTestRequest(row: Provider, options: TestRequestOptions): TestRequest {
  switch (row.kind) {
    case "standard-webhooks":
      return standardRequest(row, options);
    case "hmac":
      return hmacRequest(row, options);
    case "token":
      return tokenRequest(row, options);
    case "adapter":
      if (row.adapter === "twilio") return twilioRequest(row, options);
      throw unknownKind(row);
    case "public-key":
    case "jwt":
    case "http-message-signature":
      throw unknownKind(row);
  }
}

function unknownKind({ name, kind }: Provider): TypeError {
  const known = "Standard Webhooks, an HMAC or a token, or Twilio";
  return new TypeError(`Expected a provider that signs with ${known}, got ${name} (${kind}).`);
}

function draftOf(
  row: Provider,
  { body, url, method, headers, id = "test-1", type }: TestRequestOptions,
): Draft {
  const draft: Draft = {
    method: method ?? "POST",
    url: url ?? "https://example.com/webhooks",
    headers: { ...headers },
    body: Buffer.from(body),
  };
  for (const [source, value] of [
    [row.event.id?.[0], id],
    [row.event.type, type],
  ] as const)
    if (source?.from === "header" && value !== undefined) draft.headers[source.name] ??= value;
  return draft;
}

function standardRequest(
  row: StandardProvider,
  { body, secret, id = "test-1", timestamp, url, method, headers }: TestRequestOptions,
): TestRequest {
  const names = row.headers;
  const signed = generateTestHeaders({
    body,
    secret: prefixedSecret(row, secret),
    id,
    timestamp: timestamp ?? Date.now(),
  });
  return {
    method: method ?? "POST",
    url: url ?? "https://example.com/webhooks",
    headers: {
      ...headers,
      [names.id]: signed["webhook-id"],
      [names.timestamp]: signed["webhook-timestamp"],
      [names.signature]: signed["webhook-signature"],
    },
    body: Buffer.from(body),
  };
}

function twilioRequest(row: Provider, options: TestRequestOptions): TestRequest {
  const url = options.settings?.["notificationUrl"] ?? options.url;
  const draft = draftOf(row, { ...options, ...(url !== undefined && { url }) });
  signLikeTwilio(draft, options.secret);
  return draft;
}

function tokenRequest(row: TokenProvider, options: TestRequestOptions): TestRequest {
  const draft = draftOf(row, options);
  const { token } = row;
  const { secret, settings = {} } = options;
  if (token.from === "basic")
    draft.headers["authorization"] = `Basic ${Buffer.from(secret).toString("base64")}`;
  else if (token.from === "setting")
    draft.headers[(settings[token.name] ?? "").toLowerCase()] = withPrefix(row, secret);
  else place(draft, token, withPrefix(row, secret));
  return draft;
}

function withPrefix({ format }: TokenProvider, secret: string): string {
  return format?.kind === "prefix" ? format.prefix + secret : secret;
}

function hmacRequest(row: HmacProvider, options: TestRequestOptions): TestRequest {
  const draft = draftOf(row, options);
  const { secret, timestamp = Math.floor(Date.now() / 1000), settings = {}, id = "test-1" } = options;
  const text = timestampText(row.timestamp, timestamp);
  const inSignature = row.timestamp?.from === "signature";
  if (row.timestamp !== undefined && !inSignature) placeTimestamp(draft, row.timestamp, text);
  const message = messageOf(row.message, { draft, text, settings, id });
  const signature = encode(
    createHmac(row.digest, Buffer.from(secret, row.secret)).update(message).digest(),
    row.signature.encoding,
  );
  place(
    draft,
    row.signature,
    formatted(row.signature.format, signature, { text, inSignature: row.timestamp }),
  );
  return draft;
}

function timestampText(source: HmacProvider["timestamp"], seconds: number): string {
  switch (source?.unit) {
    case "ms":
      return String(seconds * 1000);
    case "iso":
      return new Date(seconds * 1000).toISOString();
    case "s":
    case undefined:
      return String(seconds);
  }
}

function placeTimestamp(draft: Draft, source: NonNullable<HmacProvider["timestamp"]>, text: string): void {
  if (source.from === "signature") return;
  // In a body it is the caller's where the body is signed as it is; elsewhere it is put there.
  if (source.from === "header" || source.from === "query") place(draft, source, text);
  else if (valueAt(draft.body, "path" in source ? source.path : "") === undefined) place(draft, source, text);
}
