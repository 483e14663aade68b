import { providers, type Provider } from "@hooks/signing/providers";
import { misuse } from "../failure.ts";
import { guessHint } from "../guess.ts";

/** The row of an id or alias, `_` for `-` allowed. Throws `Failure` that names the nearest. */
export function findProvider(id: string): Provider {
  const wanted = id.toLowerCase().replaceAll("_", "-");
  const rows: readonly Provider[] = Object.values(providers);
  const row = rows.find((one) => one.id === wanted || one.aliases?.includes(wanted) === true);
  if (row !== undefined) return row;
  const known = rows.flatMap((one) => [one.id, ...(one.aliases ?? [])]);
  throw misuse(
    `There is no provider ${JSON.stringify(id)}.${guessHint(wanted, known)} hooks providers lists all.`,
  );
}
