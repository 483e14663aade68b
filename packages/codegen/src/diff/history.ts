import type { JsonObject } from "../json.ts";
import { compareContracts } from "./compare.ts";
import type { Comparison, Release } from "./comparison.ts";

/** A newer contract against one release. */
export interface ReleaseComparison {
  readonly version: string;
  readonly comparison: Comparison;
}

/**
 * Compares a contract with every release given, in their order: compatibility is not transitive, and a subscriber
 * may still be on the first version of the major.
 */
export function compareHistory(
  releases: readonly Release[],
  newer: JsonObject,
): readonly ReleaseComparison[] {
  return releases.map(({ version, schema }) => ({ version, comparison: compareContracts(schema, newer) }));
}
