import type { Oracle } from "./oracle.ts";
import type { PublishedVector } from "./published-vector.ts";

/** How a row was proven to be right. Without a vector or a library it follows the provider's documentation only. */
export interface Proof {
  /** Where requests that it verifies were published. */
  readonly vectors: readonly string[];
  /** Libraries of the vendor that agree with it. */
  readonly libraries: readonly string[];
}

/** Of each row, what the tests of this folder hold it against. */
export function proofsOf(
  ids: readonly string[],
  vectors: readonly PublishedVector[],
  oracles: readonly Oracle[],
): ReadonlyMap<string, Proof> {
  return new Map(
    ids.map((id) => [
      id,
      {
        vectors: vectors.filter(({ provider }) => provider === id).map(({ source }) => source),
        libraries: oracles.filter(({ providers }) => providers.includes(id)).map(({ library }) => library),
      },
    ]),
  );
}
