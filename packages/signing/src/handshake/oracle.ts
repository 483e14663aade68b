import type { Handshake } from "./handshake.ts";
import { bytesHaveForm } from "./token.ts";

/**
 * Whether anyone can have a message signed: a handshake makes the same signature for every text of a certain form, so
 * such a message proves nothing, and verification refuses it.
 */
export function isSignedForAnyone(
  handshakes: readonly Handshake[] | undefined,
  message: Uint8Array,
): boolean {
  return (handshakes ?? []).some(
    ({ token, proof }) =>
      token !== undefined &&
      proof !== undefined &&
      proof.key !== "none" &&
      bytesHaveForm(message, token.form),
  );
}
