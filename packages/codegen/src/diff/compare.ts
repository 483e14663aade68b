import { canonicalJson, type JsonObject } from "../json.ts";
import type { Change, Comparison } from "./comparison.ts";

/**
 * Compares two versions of a contract, both bundled: may a subscriber of the older one receive events of the newer
 * one, and may events sent under the older one be read with the newer one? Writers are closed, readers open.
 */
export function compareContracts(older: JsonObject, newer: JsonObject): Comparison {
  if (canonicalJson(older) === canonicalJson(newer))
    return { changes: [], subscriber: "ok", replay: "ok", bump: "none" };
  const change: Change = {
    rule: "CONTRACT_CHANGED",
    pointer: "",
    subscriber: "breaking",
    replay: "breaking",
    bump: "major",
    message: "The contract differs.",
    proof: "unproven",
  };
  return { changes: [change], subscriber: "breaking", replay: "breaking", bump: "major" };
}
