import type { RequestHeaders } from "../headers.ts";
import type { Refusal } from "../reason.ts";
import type { Instant } from "../time.ts";
import { checkTolerance } from "../window.ts";
import type { FetchKey } from "./fetch-key.ts";
import { prepareHmac } from "./hmac.ts";
import type { Provider } from "./row.ts";
import { type ProviderId, providers } from "./rows.ts";
import { prepareStandard } from "./standard.ts";
import type { VerifiedProviderEvent } from "./verified-provider-event.ts";

/** What `prepareProvider` takes. */
export interface PrepareProviderOptions {
  /** The secrets as the provider shows them; while one is rotated, the old and the new. */
  readonly secrets: readonly string[];
  /** How far the timestamp may be from the clock, either way; default 300. Unused where there is no timestamp. */
  readonly toleranceSeconds?: number | undefined;
  /** What the row's `settings` ask for: the URL as it was given to the provider, a webhook's id, … */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Fetches keys that a provider publishes; needed by the rows that have no other. */
  readonly fetchKey?: FetchKey | undefined;
}

/** One incoming request. */
export interface ProviderRequest {
  readonly headers: RequestHeaders;
  /** The raw body. A string or a parsed object is refused. */
  readonly body: Uint8Array | ArrayBuffer;
  /** The receiver's clock; default: now. */
  readonly now?: Instant | undefined;
  /** The request's method; some providers sign it. */
  readonly method?: string | undefined;
  /** The full public URL as the provider called it; some providers sign it. */
  readonly url?: string | undefined;
}

/**
 * What came of a provider's request. `keyIndex` is the place of the secret that matched. `covered` says what vouches for
 * the body: a signature over its bytes, or only a token or password beside it.
 */
export type ProviderVerification =
  | {
      readonly ok: true;
      readonly event: VerifiedProviderEvent;
      readonly keyIndex: number;
      readonly covered: "signature" | "token" | "basic";
    }
  | Refusal;

/** A provider with its secrets parsed. */
export interface PreparedProvider {
  /** Verifies a request. Nothing in a request makes it throw. */
  verify(request: ProviderRequest): ProviderVerification;
}

/**
 * Parses the secrets once, for many requests. With no secrets every request is refused as `key_unavailable`.
 *
 * @throws KeyError for a secret that is not one of the provider's, RangeError for a tolerance that is none,
 * TypeError for an unknown provider or a row that could not protect a request.
 */
export function prepareProvider(
  provider: ProviderId | Provider,
  options: PrepareProviderOptions,
): PreparedProvider {
  const row = typeof provider === "string" ? providerOf(provider) : provider;
  checkTolerance(options.toleranceSeconds ?? 0);
  switch (row.kind) {
    case "standard-webhooks":
      return prepareStandard(row, options);
    case "hmac":
      return prepareHmac(row, options);
  }
}

/** `prepareProvider` and its `verify` in one call, for scripts and tests: it parses the secrets every time. */
export function verifyProvider(
  provider: ProviderId | Provider,
  { secrets, toleranceSeconds, ...request }: PrepareProviderOptions & ProviderRequest,
): ProviderVerification {
  return prepareProvider(provider, { secrets, toleranceSeconds }).verify(request);
}

function providerOf(id: ProviderId): Provider {
  if (!Object.hasOwn(providers, id))
    throw new TypeError(`Unknown provider. Known: ${Object.keys(providers).join(", ")}.`);
  return providers[id];
}
