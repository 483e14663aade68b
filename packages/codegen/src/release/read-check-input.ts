import { readSources } from "../read-sources.ts";
import { findChangesetRoot, readChangesets } from "./changeset-files.ts";
import type { CheckInput } from "./check.ts";
import { loadBaseline } from "./load-baseline.ts";

export interface ReadCheckInputOptions {
  /** Folder of schemas. */
  readonly schemas: string;
  /** Name of a baseline, as `loadBaseline` takes it; by default the releases of the folder alone. */
  readonly against?: string | undefined;
  /** Where relative paths of a baseline start. */
  readonly folder: string;
  readonly now: Date;
}

/** Reads what a check is about from the disk: schemas, changesets, baseline. Throws `ContractsError`. */
export async function readCheckInput(options: ReadCheckInputOptions): Promise<CheckInput> {
  const { schemas, against, folder, now } = options;
  const sources = await readSources(schemas);
  const baseline = against === undefined ? undefined : await loadBaseline({ against, schemas, folder });
  const root = await findChangesetRoot(schemas);
  const changesets = root === undefined ? undefined : await readChangesets(root);
  return { sources, now, baseline, changesets };
}
