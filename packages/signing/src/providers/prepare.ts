import { answerHandshake } from "../handshake/answer.ts";
import type { Refusal } from "../reason.ts";
import type { Attested } from "./adapter.ts";
import { createAttestOf, type WaitingProvider } from "./attest-row.ts";
import { checkSecrets } from "./check-secrets.ts";
import { rowOf } from "./find-provider.ts";
import { createHmacMatcher, createTokenMatcher } from "./hmac.ts";
import {
  createInterpreter,
  createVerification,
  credentialHeaders,
  type KeyedProvider,
  publicHeaders,
  signatureLengthOf,
} from "./interpreter.ts";
import type {
  PreparedProvider,
  PrepareProviderOptions,
  ProviderRequest,
  ProviderVerification,
  Verifying,
} from "./prepared-provider.ts";
import type { Provider, SyncProvider } from "./provider.ts";
import { parsePublicKey } from "./public-key.ts";
import type { ProviderId, SyncProviderId } from "./rows.ts";
import { createStandardVerify } from "./standard.ts";
import { type Matches, runAtOnce } from "./steps.ts";
import { take } from "./take.ts";

/**
 * Parses the secrets once, for many requests. With no secrets every request is refused as `key_unavailable`.
 *
 * Rows with signatures that need nothing from outside (`standard-webhooks`, `hmac`, `token`, `public-key`) verify at
 * once; the others give a promise. `await` is right for all.
 *
 * @throws KeyError for a secret that is not one of the provider's, RangeError for a tolerance that is none,
 * TypeError for secrets that are no list, an unknown provider, a setting that is missing or unknown, or a row that could not protect a request.
 */
export function prepareProvider(
  provider: SyncProviderId | SyncProvider,
  options: PrepareProviderOptions,
): PreparedProvider<ProviderVerification>;
export function prepareProvider(
  provider: ProviderId | Provider,
  options: PrepareProviderOptions,
): PreparedProvider;
export function prepareProvider(
  provider: ProviderId | Provider,
  options: PrepareProviderOptions,
): PreparedProvider {
  const row = rowOf(provider);
  const { secrets, settings = {} } = options;
  checkSecrets(secrets);
  return {
    row,
    credentialHeaders: credentialHeaders(row, settings),
    headers: publicHeaders(row),
    verify: createVerify(row, options),
    handshake: (request, stage) =>
      answerHandshake(row.handshakes ?? [], request, { secrets, settings, stage }),
  };
}

/** `prepareProvider` and its `verify` in one call, for scripts and tests: it parses the secrets every time. */
export function verifyProvider(
  provider: SyncProviderId | SyncProvider,
  options: PrepareProviderOptions & ProviderRequest,
): ProviderVerification;
export function verifyProvider(
  provider: ProviderId | Provider,
  options: PrepareProviderOptions & ProviderRequest,
): Verifying;
export function verifyProvider(
  provider: ProviderId | Provider,
  options: PrepareProviderOptions & ProviderRequest,
): Verifying {
  return prepareProvider(provider, options).verify(options);
}

function createVerify(row: Provider, options: PrepareProviderOptions): PreparedProvider["verify"] {
  switch (row.kind) {
    case "standard-webhooks":
      return createStandardVerify(row, options);
    case "hmac":
    case "token":
    case "public-key":
      return createKeyedVerify(row, options);
    case "jwt":
    case "http-message-signature":
    case "adapter":
      return createWaitingVerify(row, options);
  }
}

function createKeyedVerify(
  row: KeyedProvider,
  options: PrepareProviderOptions,
): (request: ProviderRequest) => ProviderVerification {
  const verify = createVerification(row, options, signatureLengthOf(row));
  const takeStep = take(options.secrets.map((secret) => createMatcher(row, secret)));
  return (request) => runAtOnce(verify(request), takeStep);
}

function createMatcher(row: KeyedProvider, secret: unknown): Matches<boolean> {
  switch (row.kind) {
    case "hmac":
      return createHmacMatcher(row, secret);
    case "token":
      return createTokenMatcher(row, secret);
    case "public-key": {
      const key = parsePublicKey(secret, row);
      return (message, signatures) => {
        const bytes = message.length === 1 ? (message[0] ?? new Uint8Array()) : Buffer.concat(message);
        let isMatched = false;
        for (const signature of signatures) isMatched = key.verify(bytes, signature) || isMatched;
        return isMatched;
      };
    }
  }
}

function createWaitingVerify(
  row: WaitingProvider,
  options: PrepareProviderOptions,
): (request: ProviderRequest) => Promise<ProviderVerification> {
  const { open, conclude } = createInterpreter(row, options);
  const { secrets, settings = {}, toleranceSeconds, fetchKey } = options;
  const attest = createAttestOf(row, { secrets, settings, toleranceSeconds, fetchKey });
  return async (request) => {
    const opened = open(request);
    if (!opened.ok) return opened;
    const attested: Attested | Refusal = await attest(opened.request);
    return attested.ok ? runAtOnce(conclude(opened, attested), take([])) : attested;
  };
}
