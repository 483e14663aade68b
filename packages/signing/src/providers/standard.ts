import { parseVerifyingKey } from "../key.ts";
import { createVerify } from "../verify.ts";
import { createInterpreter } from "./interpreter.ts";
import type { PrepareProviderOptions, PreparedProvider, ProviderVerification } from "./prepared-provider.ts";
import type { StandardProvider } from "./provider.ts";
import { prefixedSecret } from "./standard-secret.ts";
import { runAtOnce } from "./steps.ts";
import { take } from "./take.ts";

/** Reads a Standard Webhooks row. @throws KeyError */
export function createStandardVerify(
  row: StandardProvider,
  options: PrepareProviderOptions,
): PreparedProvider<ProviderVerification>["verify"] {
  const keys = options.secrets.map((secret) => parseVerifyingKey(prefixedSecret(row, secret)));
  const { toleranceSeconds } = options;
  const { open, conclude } = createInterpreter(row, options);
  const verify = createVerify(row.headers);
  // The only step is the hash of an id in a form of its own, which takes no key.
  const takeStep = take([]);
  return (given) => {
    const opened = open(given);
    if (!opened.ok) return opened;
    const { view, request } = opened;
    const { body, nowSeconds: now } = request;
    // The view has read them, each once.
    const headers = { get: (name: string) => view.header(name) ?? null };
    const result = verify({ headers, body, keys, now, toleranceSeconds });
    if (!result.ok) return result;
    const { keyIndex, event } = result;
    const attested = { ok: true, keyIndex, covered: "signature", timestamp: event.timestamp } as const;
    return runAtOnce(conclude(opened, attested), takeStep);
  };
}
