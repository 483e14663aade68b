import { SenderError, StoreUnavailableError, VaultError } from "@hooks/sender";
import { type Fault, Refusal } from "./problem.ts";

/** Seconds after which a store that was away may be tried again. */
const STORE_RETRY_SECONDS = 5;

/** Any error as what the caller is told. What is not known is `internal_error` and says nothing of itself. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreUnavailableError) return storeAway();
  if (error instanceof VaultError && error.code !== "damaged_value") return storeAway();
  if (error instanceof SenderError) {
    return new Refusal(error.code, error.message, { errors: error.issues.map(toFault) });
  }
  // Express decodes path parameters itself and marks what cannot be decoded.
  if (error instanceof URIError) return new Refusal("invalid_request", "The path cannot be decoded");
  return new Refusal("internal_error", "The request failed; the log has the reason under this requestId");
}

function storeAway(): Refusal {
  return new Refusal("storage_unavailable", "The store cannot be reached or cannot write; try again later", {
    headers: { "retry-after": String(STORE_RETRY_SECONDS) },
  });
}

function toFault({ pointer, code, message, expected, received }: SenderError["issues"][number]): Fault {
  return {
    pointer,
    code,
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(received === undefined ? {} : { received }),
  };
}
