import { greatestBump, type Bump } from "../diff/comparison.ts";
import { exceptionsFile, lockFile } from "../layout.ts";
import type { Problem } from "../problem.ts";
import type { Project } from "../project.ts";
import { parseDocuments, examineProject } from "../read-project.ts";
import type { Files } from "../render/files.ts";
import type { Sources } from "../sources.ts";
import { assess, type Assessment, type CheckProblem } from "./assess.ts";
import type { Baseline } from "./baseline.ts";
import { lintChangesets } from "./changesets.ts";
import { readExceptions, type Exceptions } from "./exceptions.ts";
import { readLock, unlocked, type Lock } from "./lock.ts";

export interface CheckInput {
  readonly sources: Sources;
  /** Exceptions hold until a day. */
  readonly now: Date;
  readonly baseline?: Baseline | undefined;
  /** `.changeset/*.md` by path, where the project uses changesets. */
  readonly changesets?: Files | undefined;
}

/** What the gate says. `ok` is whether the contracts may be merged and released. */
export interface CheckReport {
  readonly schemaVersion: 1;
  readonly ok: boolean;
  /** Name of the baseline, `null` without one. */
  readonly against: string | null;
  /** The package, and what the changed contracts make of its next release. */
  readonly package: { readonly name: string; readonly bump: Bump };
  readonly contracts: readonly Assessment[];
  /** Event types that the next release will no longer have. */
  readonly removed: readonly string[];
  readonly problems: readonly CheckProblem[];
  /** Worth knowing, but no reason to stop. */
  readonly notices: readonly Problem[];
}

/**
 * Holds a folder of schemas against everything it has released, and against a baseline: what was released must not
 * have changed, and what changed must be no break within its major. Pure.
 */
export function checkContracts(input: CheckInput): CheckReport {
  return checkProject(input).report;
}

/** The report, and the contracts it is about where they can be read. */
export function checkProject({ sources, now, baseline, changesets }: CheckInput): {
  readonly report: CheckReport;
  readonly project?: Project;
} {
  const { project, problems: faults } = examineProject(sources);
  const against = baseline?.name ?? null;
  if (project === undefined) return { report: failedReport(faults, against) };
  const { documents } = parseDocuments(sources);
  const { lock } = readLock(documents.get(lockFile));
  const exceptions = readExceptions(documents.get(exceptionsFile), now);
  const assessed = project.contracts.map((contract) =>
    assess({
      contract,
      known: baseline?.releases.get(contract.type) ?? [],
      exceptions,
      keepsReleases: lock !== undefined,
    }),
  );
  const contracts = assessed.map(({ assessment }) => assessment);
  const removed = removedTypes(project, { lock, baseline });
  const bump = packageBump(contracts, removed);
  const name = project.config.package;
  const problems = [
    ...faults,
    ...exceptions.problems,
    ...removed.flatMap(({ type }) => lintRemoved(type, exceptions)),
    ...lintFiles({ lock, sources, exceptions }, removed),
    ...assessed.flatMap((one) => one.problems).filter((one) => !faults.some((known) => isSame(known, one))),
    ...(changesets === undefined ? [] : lintChangesets({ name, bump }, changesets)),
  ];
  const ok = problems.length === 0;
  const notices = exceptions.unused();
  const report: CheckReport = {
    schemaVersion: 1,
    ok,
    against,
    package: { name, bump },
    contracts,
    removed: removed.flatMap(({ type, isPending }) => (isPending ? [type] : [])),
    problems,
    notices,
  };
  return { report, project };
}

function isSame(left: Problem, right: Problem): boolean {
  return left.code === right.code && left.file === right.file && left.pointer === right.pointer;
}

/** The report when there was nothing to compare: the schemas or the baseline cannot be read. */
export function failedReport(problems: readonly CheckProblem[], against: string | null): CheckReport {
  return {
    schemaVersion: 1,
    ok: false,
    against,
    package: { name: "", bump: "none" },
    contracts: [],
    removed: [],
    problems,
    notices: [],
  };
}

interface RemovedType {
  readonly type: string;
  /** Whether no release has said so yet. */
  readonly isPending: boolean;
}

interface Before {
  readonly lock: Lock | undefined;
  readonly baseline: Baseline | undefined;
}

function removedTypes({ contracts }: Project, { lock, baseline }: Before): readonly RemovedType[] {
  const present = new Set(contracts.map(({ type }) => type));
  const locked = Object.keys(lock?.events ?? {});
  const known = [...(baseline?.releases ?? [])].filter(([, releases]) => releases.length > 0);
  const before = new Set([...locked, ...known.map(([type]) => type)]);
  return [...before]
    .filter((type) => !present.has(type))
    .toSorted()
    .map((type) => ({ type, isPending: lock === undefined || locked.includes(type) }));
}

function packageBump(contracts: readonly Assessment[], removed: readonly RemovedType[]): Bump {
  return greatestBump([
    ...contracts.map(({ bump }) => (bump === "first" ? "minor" : bump)),
    ...removed.map(({ isPending }) => (isPending ? "major" : "none")),
  ]);
}

function lintRemoved(type: string, exceptions: Exceptions): readonly CheckProblem[] {
  const code = "event_type_removed";
  if (exceptions.excuse({ type, rule: code, pointer: "" })) return [];
  const message =
    `${type} has been released and is gone: its subscribers would hear nothing more, and not know. Put it back as ` +
    `deprecated, or excuse the removal in ${exceptionsFile}.`;
  return [{ code, file: `${type}/schema.json`, pointer: "", message, type }];
}

interface ReleasedFiles {
  readonly lock: Lock | undefined;
  readonly sources: Sources;
  readonly exceptions: Exceptions;
}

function lintFiles(
  { lock, sources, exceptions }: ReleasedFiles,
  removed: readonly RemovedType[],
): readonly CheckProblem[] {
  return unlocked(lock, sources)
    .filter(({ type }) => !removed.some((one) => one.type === type))
    .filter(({ type, code, pointer }) => !exceptions.excuse({ type, rule: code, pointer }));
}
