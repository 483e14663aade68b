import type { SchemeId } from "../scheme.ts";
import { readPrivateKey, writeSecret } from "../secret-text.ts";
import { generatePrivateBytes, publicBytes } from "./ed25519.ts";

/** Makes a new secret to sign with: `v1` (default) gives `whsec_` and 32 random bytes, `v1a` gives `whsk_`. */
export async function generateSecret(scheme: SchemeId = "v1"): Promise<string> {
  const bytes = scheme === "v1" ? crypto.getRandomValues(new Uint8Array(32)) : await generatePrivateBytes();
  return writeSecret(scheme, "signing", bytes);
}

/**
 * The public key (`whpk_…`) of a private one (`whsk_…`): what receivers verify `v1a` with.
 *
 * @throws KeyError (rejects) when the secret is not a `whsk_` one.
 */
export async function publicKeyOf(secret: string): Promise<string> {
  return writeSecret("v1a", "verifying", await publicBytes(readPrivateKey(secret)));
}
