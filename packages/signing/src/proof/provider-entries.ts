import type { Handshake } from "../handshake/handshake.ts";
import type { Provider } from "../providers/provider.ts";
import { providers } from "../providers.ts";
import { adapterVectors } from "./adapter-vectors.ts";
import { adapterOracles } from "./adapter-oracles.ts";
import { oracles } from "./oracles.ts";
import { proofsOf } from "./proofs.ts";
import type { ProviderEntry } from "./provider-page.ts";
import { publishedVectors } from "./published-vectors.ts";

/** Every row with its proof, out of the very tables that the tests of this folder run on. */
export function providerEntries(): readonly ProviderEntry[] {
  const rows: readonly Provider[] = Object.values(providers);
  const ids = rows.map(({ id }) => id);
  const proofs = proofsOf(ids, [...publishedVectors, ...adapterVectors], [...oracles, ...adapterOracles]);
  return rows.map((row) => {
    const handshakes: readonly Handshake[] = row.handshakes ?? [];
    return { row, handshakes, proof: proofs.get(row.id) ?? { vectors: [], libraries: [] } };
  });
}
