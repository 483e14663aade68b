import { createHash } from "node:crypto";
import { Refusal } from "./problem.ts";

/**
 * A caller's `Idempotency-Key` as the store keeps it: of this API key and this operation only, so that nobody can see or
 * disturb what another one did under the same name. Throws a `Refusal`.
 */
export function scopedKey(
  key: string,
  scope: { readonly caller: string; readonly operation: string },
): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Refusal("invalid_idempotency_key", "Expected 1 to 255 printable ASCII characters");
  }
  return createHash("sha256")
    .update(JSON.stringify([scope.caller, scope.operation, key]))
    .digest("base64url");
}
