import { KeyError } from "./key.ts";
import { type SchemeId, schemes } from "./scheme.ts";
import { publicKeyText } from "./scheme/ed25519.ts";

/** Makes a new secret to sign with: `v1` (default) gives `whsec_` and 32 random bytes, `v1a` gives `whsk_`. */
export function generateSecret(scheme: SchemeId = "v1"): string {
  return schemes[scheme].generate();
}

/**
 * The public key (`whpk_…`) of a private one (`whsk_…`): what receivers verify `v1a` with.
 *
 * @throws KeyError when the secret is not a `whsk_` one.
 */
export function publicKeyOf(secret: string): string {
  const { prefix, expected } = schemes.v1a.signing;
  const text = secret.startsWith(prefix) ? publicKeyText(secret.slice(prefix.length)) : undefined;
  if (text === undefined) throw new KeyError(`Expected ${prefix} and ${expected}.`);
  return text;
}
