import { ContractsError } from "../problem.ts";
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
 * all. Nothing changed, nothing written. Throws `ContractsError` with what the check found.
 */
export async function release({
  dryRun = false,
  ...options
}: ReleaseOptions): Promise<readonly ReleasedVersion[]> {
  if (!dryRun) await finishJournal(options.schemas);
  const input: CheckInput = await readCheckInput(options);
  const plan = planRelease(input);
  if (!plan.ok) throw new ContractsError(plan.problems);
  if (!dryRun && plan.files.size > 0) await writeTogether(options.schemas, plan.files, input.sources);
  return plan.versions;
}
