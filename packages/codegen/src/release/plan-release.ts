import { compareContracts } from "../diff/compare.ts";
import type { Bump, Release } from "../diff/comparison.ts";
import { lockFile } from "../layout.ts";
import { compareVersions, type Contract } from "../project.ts";
import { parseDocuments } from "../read-project.ts";
import { formatJson, type Files } from "../render/files.ts";
import { dialect } from "../schema.ts";
import type { Sources } from "../sources.ts";
import type { CheckProblem } from "./assess.ts";
import { toChangelogChange, type Changelog, type ChangelogEntry } from "./changelog.ts";
import { checkProject, type CheckInput } from "./check.ts";
import { withVersion } from "./content.ts";
import { setVersion } from "./json-text.ts";
import { digestOf, readLock, releasedFile, type Lock } from "./lock.ts";

/** One new version. */
export interface ReleasedVersion {
  readonly type: string;
  readonly version: string;
  /** The release before, `null` where there was none. */
  readonly after: string | null;
  readonly bump: Bump | "first";
}

export type ReleasePlan =
  | {
      readonly ok: true;
      readonly versions: readonly ReleasedVersion[];
      /** Files of the folder of schemas that change; none when nothing has to be released. */
      readonly files: Files;
    }
  | { readonly ok: false; readonly problems: readonly CheckProblem[] };

/**
 * Plans a release: the version of every contract that changed, bundled and with its examples; the number in its
 * `schema.json`; what changed, in its `changelog.json`; the lock. Refused while the check finds anything. The same
 * folder on the same day always gives the same files. Pure.
 */
export function planRelease(input: CheckInput): ReleasePlan {
  const { report, project } = checkProject(input);
  if (!report.ok || project === undefined) return { ok: false, problems: report.problems };
  const day = input.now.toISOString().slice(0, "2026-11-20".length);
  const steps = project.contracts.map((contract, index): Step => {
    const version = report.contracts[index]?.required ?? contract.declared;
    return { contract, version, isNew: contract.released.every((one) => one.version !== version) };
  });
  const files = new Map(steps.flatMap((step) => [...filesOf(step, { sources: input.sources, day })]));
  const lock = lockAfter(steps, new Map([...input.sources, ...files]));
  const [name, text] = writeLock(lock, input.sources, day);
  const changed = [...files, [name, text] as const].filter(
    ([file, text]) => input.sources.get(file) !== text,
  );
  const versions = steps.flatMap(
    ({ contract: { type }, version, isNew }, index): readonly ReleasedVersion[] => {
      const { released = null, bump = "first" } = report.contracts[index] ?? {};
      return isNew ? [{ type, version, after: released, bump }] : [];
    },
  );
  return { ok: true, versions, files: new Map(changed) };
}

interface Step {
  readonly contract: Contract;
  readonly version: string;
  /** Whether its file is still to be written. */
  readonly isNew: boolean;
}

interface Surroundings {
  readonly sources: Sources;
  readonly day: string;
}

function filesOf(step: Step, { sources, day }: Surroundings): Files {
  const { contract, version, isNew } = step;
  const { type, declared } = contract;
  const schema = `${type}/schema.json`;
  const files = new Map([[`${type}/changelog.json`, formatJson(changelogAfter(step, day))]]);
  if (isNew) files.set(`${type}/versions/${version}.json`, formatJson(releaseOf(step)));
  if (declared !== version) files.set(schema, setVersion(sources.get(schema) ?? "{}", version));
  return files;
}

/** A released version is whole in itself: nothing it refers to, and no example, can change under it. */
function releaseOf({ contract: { majors }, version }: Step): object {
  const [{ schema, examples }] = majors;
  const { examples: _own, ...rest } = withVersion(schema, version);
  return {
    $schema: dialect,
    ...rest,
    examples: examples.map(({ data }) => data),
  };
}

/** Entries stay as they were written; what was released without one gets it now. */
function changelogAfter({ contract, version, isNew }: Step, day: string): Changelog {
  const current: Release = { version, schema: contract.majors[0].schema };
  const releases: readonly Release[] = [...contract.released, ...(isNew ? [current] : [])];
  const entries = releases.map((release, index) => {
    const known = contract.changelog.find((entry) => entry.version === release.version);
    return known ?? entryOf(release, releases[index - 1], day);
  });
  return entries.toSorted((a, b) => compareVersions(b.version, a.version));
}

function entryOf({ version, schema }: Release, before: Release | undefined, day: string): ChangelogEntry {
  if (before === undefined) return { version, released: day, bump: "first", changes: [] };
  const { bump, changes } = compareContracts(before.schema, schema);
  return { version, released: day, bump, changes: changes.map(toChangelogChange) };
}

function lockAfter(steps: readonly Step[], sources: Sources): Omit<Lock, "release"> {
  const keys = steps.flatMap(({ contract: { type, released }, version, isNew }) =>
    [...released.map((one) => one.version), ...(isNew ? [version] : [])].map((one) => `${type}/${one}`),
  );
  return {
    events: Object.fromEntries(steps.map(({ contract, version }) => [contract.type, version])),
    digests: Object.fromEntries(keys.map((key) => [key, digestOf(sources.get(releasedFile(key)) ?? "")])),
  };
}

/** A lock that says the same keeps its name, and so its text. */
function writeLock(
  { events, digests }: Omit<Lock, "release">,
  sources: Sources,
  day: string,
): readonly [string, string] {
  const { lock } = readLock(parseDocuments(sources).documents.get(lockFile));
  const isSame =
    lock !== undefined && formatJson([lock.events, lock.digests]) === formatJson([events, digests]);
  if (isSame) return [lockFile, sources.get(lockFile) ?? ""];
  return [lockFile, formatJson({ release: nameAfter(lock?.release, day), events, digests })];
}

function nameAfter(before: string | undefined, day: string): string {
  const [, last, count = "1"] = /^(\d{4}-\d{2}-\d{2})(?:\.(\d+))?$/.exec(before ?? "") ?? [];
  return last === day ? `${day}.${Number(count) + 1}` : day;
}
