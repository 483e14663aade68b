import { rawBytes, refuseParsedBody } from "../body.ts";
import { type Refusal, refuse } from "../reason.ts";
import { unixSeconds } from "../time.ts";
import { checkTolerance } from "../window.ts";
import type { AdapterRequest, Attested } from "./adapter.ts";
import { createNaming } from "./naming.ts";
import type { PrepareProviderOptions, ProviderRequest, ProviderVerification } from "./prepared-provider.ts";
import type { HmacProvider, Provider, PublicKeyProvider, TokenProvider } from "./provider.ts";
import { publicKeyAlgorithms } from "./public-key-text.ts";
import { createViewer, type RequestView } from "./request-view.ts";
import { digestLength } from "./secret-bytes.ts";
import { signatureHeaders } from "./signature-reader.ts";
import { type AttestContext, createMessageAttest } from "./signed-message.ts";
import type { Steps } from "./steps.ts";
import { parseTemplate } from "./template.ts";
import { createTokenCheck, tokenHeaders } from "./token.ts";
import { sourceHeaders } from "./value-reader.ts";

/** A request that has a body and is read so far. */
export interface Opened {
  readonly ok: true;
  readonly view: RequestView;
  readonly request: AdapterRequest;
}

/** The two ends of verification, the same whatever is between. */
export interface Interpreter {
  /** Reads a request. @throws RangeError for a clock that is none. */
  open(request: ProviderRequest): Opened | Refusal;
  /** Names the event of a request that was attested. */
  conclude(opened: Opened, attested: Attested): Steps<ProviderVerification>;
}

/** Makes an interpreter. @throws TypeError for a row or settings that cannot work, RangeError for a tolerance that is none. */
export function createInterpreter(row: Provider, options: PrepareProviderOptions): Interpreter {
  checkTolerance(options.toleranceSeconds ?? 0);
  const settings = checkSettings(row, options.settings ?? {});
  const view = createViewer(headersOf(row, settings));
  const name = createNaming(row, options.dedupeBy);
  return {
    open: ({ headers, body: given, now, method, url: called }) => {
      const body = rawBytes(given);
      if (body === undefined) return refuseParsedBody(given);
      const url = settings["notificationUrl"] ?? called;
      const request = { headers, body, nowSeconds: unixSeconds(now ?? Date.now()), method, url };
      const read = view(request);
      return read.ok ? { ok: true, view: read, request } : read;
    },
    conclude: function* conclude({ view }, attested) {
      const event = yield* name(view, attested);
      return { ok: true, event, keyIndex: attested.keyIndex, covered: attested.covered };
    },
  };
}

/** Rows that are checked by one interpreter with a key's `match` as its only variable. */
export type KeyedProvider = HmacProvider | PublicKeyProvider | TokenProvider;

/** Makes the whole verification of a row with keys. @throws as `createInterpreter` */
export function createVerification(
  row: KeyedProvider,
  options: PrepareProviderOptions,
  signatureLength: AttestContext["signatureLength"],
): (request: ProviderRequest) => Steps<ProviderVerification> {
  const { settings = {}, toleranceSeconds, secrets } = options;
  const { open, conclude } = createInterpreter(row, options);
  const context = { keyCount: secrets.length, settings, toleranceSeconds, signatureLength };
  const attest = row.kind === "token" ? createTokenCheck(row, context) : createMessageAttest(row, context);
  return function* verify(request) {
    const opened = open(request);
    if (!opened.ok) return opened;
    if (secrets.length === 0)
      return refuse("key_unavailable", "Expected at least one secret to verify with.");
    const attested = yield* attest(opened.view, opened.request);
    return attested.ok ? yield* conclude(opened, attested) : attested;
  };
}

/** How long a row's signatures can be. Tokens may have any length. */
export function signatureLengthOf(row: KeyedProvider) {
  switch (row.kind) {
    case "hmac":
      return digestLength(row);
    case "public-key":
      return publicKeyAlgorithms[row.algorithm].signatureLength;
    case "token":
      return { least: 0, most: 0 };
  }
}

/** Every header, lower-case, that a row's view reads. */
function headersOf(row: Provider, settings: Settings): readonly string[] {
  return [...new Set([...credentialHeaders(row, settings), ...publicHeaders(row)])];
}

/** Headers one of which has the signature or token; empty where it stands elsewhere. */
export function credentialHeaders(row: Provider, settings: Settings = {}): readonly string[] {
  switch (row.kind) {
    case "standard-webhooks":
      return [row.headers.signature];
    case "token":
      return tokenHeaders(row, settings);
    case "hmac":
    case "public-key":
      return signatureHeaders(row.signature);
    case "jwt":
      return row.token.from === "header" ? [row.token.name] : [];
    case "http-message-signature":
      return ["signature"];
    case "adapter":
      return [];
  }
}

/** Headers that a signature is checked with or that name the event; none is a token. */
export function publicHeaders(row: Provider): readonly string[] {
  const { id = [], type, attempt } = row.event;
  return [...new Set([...messageHeaders(row), ...[...id, type, attempt].flatMap(sourceHeaders)])];
}

function messageHeaders(row: Provider): readonly string[] {
  switch (row.kind) {
    case "standard-webhooks":
      return Object.values(row.headers);
    case "hmac":
    case "public-key":
      return [
        ...signatureHeaders(row.signature),
        ...sourceHeaders(row.timestamp),
        ...parseTemplate(row.message).flatMap((part) => (part.kind === "header" ? [part.name] : [])),
      ];
    case "http-message-signature":
      return ["signature", "signature-input", "content-digest"];
    case "token":
    case "jwt":
    case "adapter":
      return [];
  }
}

type Settings = Readonly<Record<string, string>>;

function checkSettings(row: Provider, settings: Settings) {
  const forms = row.settings ?? {};
  for (const [name, { expected, required = false }] of Object.entries(forms)) {
    if (required && (settings[name] ?? "") === "")
      throw new TypeError(`Expected the setting ${name} of ${row.name}: ${expected}.`);
  }
  for (const name of Object.keys(settings)) {
    if (Object.hasOwn(forms, name)) continue;
    const known = Object.keys(forms).join(", ");
    throw new TypeError(`Expected no setting ${name} of ${row.name}; there is ${known || "none"}.`);
  }
  return settings;
}
