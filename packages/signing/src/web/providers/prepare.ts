import type { HandshakeAnswer } from "../../handshake/handshake.ts";
import type { Attest } from "../../providers/adapter.ts";
import { checkSecrets } from "../../providers/check-secrets.ts";
import { rowOf } from "../../providers/find-provider.ts";
import { createHttpMessageAttest } from "../../providers/http-message-signature.ts";
import {
  createInterpreter,
  createVerification,
  credentialHeaders,
  type Interpreter,
  publicHeaders,
  signatureLengthOf,
} from "../../providers/interpreter.ts";
import { createTokenAttest } from "../../providers/jwt.ts";
import type {
  PreparedProvider,
  PrepareProviderOptions,
  ProviderRequest,
  ProviderVerification,
} from "../../providers/prepared-provider.ts";
import type { Provider, StandardProvider } from "../../providers/provider.ts";
import type { ProviderId } from "../../providers/rows.ts";
import { runLater } from "../../providers/steps.ts";
import { prefixedSecret } from "../../providers/standard-secret.ts";
import { readSecret } from "../../secret-text.ts";
import { parseVerifyingKey } from "../key.ts";
import { createVerify } from "../verify.ts";
import { answerHandshake } from "./answer.ts";
import { createMatcher, takeLater } from "./matchers.ts";

type Verify = (request: ProviderRequest) => Promise<ProviderVerification>;

/**
 * As in the variant for Node.js, with answers that come later. Rows whose scheme is code of its own (`adapter`: Amazon
 * SNS, PayPal, Twilio and others) need that variant.
 *
 * @throws KeyError, RangeError and TypeError as there.
 */
export function prepareProvider(
  provider: ProviderId | Provider,
  options: PrepareProviderOptions,
): PreparedProvider<Promise<ProviderVerification>, Promise<HandshakeAnswer>> {
  const row = rowOf(provider);
  const { secrets, settings = {} } = options;
  checkSecrets(secrets);
  return {
    row,
    credentialHeaders: credentialHeaders(row, settings),
    headers: publicHeaders(row),
    verify: createRowVerify(row, options),
    handshake: (request, stage) =>
      answerHandshake(row.handshakes ?? [], request, { secrets, settings, stage }),
  };
}

/** `prepareProvider` and its `verify` in one call, for scripts and tests: it parses the secrets every time. */
export async function verifyProvider(
  provider: ProviderId | Provider,
  options: PrepareProviderOptions & ProviderRequest,
): Promise<ProviderVerification> {
  return prepareProvider(provider, options).verify(options);
}

function createRowVerify(row: Provider, options: PrepareProviderOptions): Verify {
  switch (row.kind) {
    case "standard-webhooks":
      return createStandardVerify(row, options);
    case "hmac":
    case "token":
    case "public-key": {
      const verify = createVerification(row, options, signatureLengthOf(row));
      const take = takeLater(options.secrets.map((secret) => createMatcher(row, secret)));
      return async (request) => runLater(verify(request), take);
    }
    case "jwt":
      return attesting(row, options, createTokenAttest(row, attestOptions(row, options)));
    case "http-message-signature":
      return attesting(row, options, createHttpMessageAttest(row, attestOptions(row, options)));
    case "adapter":
      throw new TypeError(`Expected Node.js for ${row.name}: import @hooks/signing/providers/node there.`);
  }
}

function attestOptions({ name }: Provider, options: PrepareProviderOptions) {
  const { secrets, settings = {}, toleranceSeconds, fetchKey } = options;
  return { name, secrets, settings, toleranceSeconds, fetchKey };
}

function attesting(row: Provider, options: PrepareProviderOptions, attest: Attest): Verify {
  return whenOpened(createInterpreter(row, options), attest);
}

function createStandardVerify(row: StandardProvider, options: PrepareProviderOptions): Verify {
  const secrets = options.secrets.map((secret) => prefixedSecret(row, secret));
  // Told at once, although the keys come later.
  for (const secret of secrets) readSecret(secret, "verifying");
  const { toleranceSeconds } = options;
  const verify = createVerify(row.headers);
  let keys: ReturnType<typeof parseAll> | undefined;
  return attesting(row, options, async ({ headers, body, nowSeconds: now }) => {
    keys ??= parseAll(secrets);
    const result = await verify({ headers, body, keys: await keys, now, toleranceSeconds });
    if (!result.ok) return result;
    const { keyIndex, event } = result;
    return { ok: true, keyIndex, covered: "signature", timestamp: event.timestamp };
  });
}

function parseAll(secrets: readonly string[]) {
  return Promise.all(secrets.map(parseVerifyingKey));
}

function whenOpened({ open, conclude }: Interpreter, attest: Attest): Verify {
  const take = takeLater([]);
  return async (request) => {
    const opened = open(request);
    if (!opened.ok) return opened;
    const attested = await attest(opened.request);
    return attested.ok ? runLater(conclude(opened, attested), take) : attested;
  };
}
