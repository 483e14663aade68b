import { randomBytes } from "node:crypto";
import { generatePrivateBytes, publicBytes } from "./scheme/ed25519.ts";
import type { SchemeId } from "./scheme.ts";
import { readPrivateKey, writeSecret } from "./secret-text.ts";

/** Makes a new secret to sign with: `v1` (default) gives `whsec_` and 32 random bytes, `v1a` gives `whsk_`. */
export function generateSecret(scheme: SchemeId = "v1"): string {
  return writeSecret(scheme, "signing", scheme === "v1" ? randomBytes(32) : generatePrivateBytes());
}

/**
 * The public key (`whpk_…`) of a private one (`whsk_…`): what receivers verify `v1a` with.
 *
 * @throws KeyError when the secret is not a `whsk_` one.
 */
export function publicKeyOf(secret: string): string {
  return writeSecret("v1a", "verifying", publicBytes(readPrivateKey(secret)));
}
