import { tryMigrationsOf } from "../migrations/try-migrations.ts";
import { ContractsError } from "../problem.ts";
import { readSources } from "../read-sources.ts";
import { alone } from "./alone.ts";
import type { CheckInput } from "./check.ts";
import { finishJournal, writeTogether } from "./journal.ts";
import { planRelease, type ReleasedVersion } from "./plan-release.ts";
import { readCheckInput, type ReadCheckInputOptions } from "./read-check-input.ts";

export interface ReleaseOptions extends ReadCheckInputOptions {
  /** Says what would be released, and writes nothing. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Releases every contract that has changed, and says which: `planRelease`, written to the disk as a whole or not at
 * all. Nothing changed, nothing written. Throws `ContractsError` with what the check found, with the migrations that fail
 * (they are run), or when another release is at work in the folder.
 */
export async function release(options: ReleaseOptions): Promise<readonly ReleasedVersion[]> {
  if (options.dryRun === true) return (await plan(options)).versions;
  // A folder that cannot be read is told as such.
  await readSources(options.schemas);
  return alone(options.schemas, async () => {
    await finishJournal(options.schemas);
    const { sources, files, versions } = await plan(options);
    if (files.size > 0) await writeTogether(options.schemas, files, sources);
    return versions;
  });
}

async function plan(options: ReadCheckInputOptions) {
  const input: CheckInput = await readCheckInput(options);
  const plan = planRelease(input);
  if (!plan.ok) throw new ContractsError(plan.problems);
  // A version that is released with a migration that fails could never be generated.
  const broken = plan.versions.length > 0 ? await tryMigrationsOf(input.sources) : [];
  if (broken.length > 0) throw new ContractsError(broken);
  return { ...plan, sources: input.sources };
}
