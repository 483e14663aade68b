import { compareContracts } from "../diff/compare.ts";
import type { Comparison } from "../diff/comparison.ts";
import type { CatalogEvent, CatalogVersion } from "./catalog.ts";

/** What a version changed, against the one before it. */
export interface VersionChange {
  readonly from: CatalogVersion;
  readonly to: CatalogVersion;
  readonly comparison: Comparison;
}

/** Each version against the one before, newest first. */
export function versionChanges({ versions }: CatalogEvent): readonly VersionChange[] {
  return versions.slice(0, -1).flatMap((to, index) => {
    const from = versions[index + 1];
    return from === undefined ? [] : [{ from, to, comparison: compareContracts(from.schema, to.schema) }];
  });
}
