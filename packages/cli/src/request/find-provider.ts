import { findProvider as findRow, providers, type Provider } from "@hooks/signing/providers";
import { misuse } from "../failure.ts";
import { guessHint } from "../guess.ts";

/** The row of an id or alias, `_` for `-` allowed. Throws `Failure` that names the nearest. */
export function findProvider(id: string): Provider {
  try {
    return findRow(id);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const rows: readonly Provider[] = Object.values(providers);
    const known = rows.flatMap((row) => [row.id, ...(row.aliases ?? [])]);
    const hint = guessHint(id.toLowerCase().replaceAll("_", "-"), known);
    throw misuse(`There is no provider ${JSON.stringify(id)}.${hint} hooks providers lists all.`);
  }
}
