import { StoreUnavailableError } from "../../store.ts";
import { VaultError, type VaultErrorCode } from "../../vault/error.ts";

/** What a verb rejects with, as a thread sends it: of an error, neither its class nor its code comes across. */
export type PackedFault =
  | { readonly kind: "unavailable" | "other"; readonly error: unknown }
  | { readonly kind: "vault"; readonly code: VaultErrorCode; readonly error: unknown };

export function packFault(error: unknown): PackedFault {
  if (error instanceof StoreUnavailableError) return { kind: "unavailable", error };
  if (error instanceof VaultError) return { kind: "vault", code: error.code, error };
  return { kind: "other", error };
}

/** The same for whoever asks of what class it is; where it was thrown stands in its cause. */
export function unpackFault(fault: PackedFault): unknown {
  const { kind, error: cause } = fault;
  switch (kind) {
    case "unavailable":
      return new StoreUnavailableError(messageOf(cause), { cause });
    case "vault":
      return new VaultError(fault.code, messageOf(cause), { cause });
    case "other":
      return cause;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
