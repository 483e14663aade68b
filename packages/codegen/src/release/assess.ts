import { compareContracts } from "../diff/compare.ts";
import { greatestBump, type Bump, type Change, type Release } from "../diff/comparison.ts";
import { compareHistory } from "../diff/history.ts";
import type { Json } from "../json.ts";
import type { Problem } from "../problem.ts";
import { compareVersions, majorOf, type Contract } from "../project.ts";
import { nextVersion, sameContent } from "./content.ts";
import { withoutDeprecation } from "./deprecations.ts";
import type { Exceptions } from "./exceptions.ts";

/** A problem of `checkContracts`; what concerns a comparison says which. */
export interface CheckProblem extends Problem {
  readonly type?: string;
  /** Rule of the change. */
  readonly rule?: string;
  /** The release that the change breaks. */
  readonly against?: string;
  readonly counterexample?: Json;
}

/** One event type, held against what has been released of it. */
export interface Assessment {
  readonly type: string;
  /** What the event is, in a sentence. */
  readonly summary: string;
  /** The version that schema.json states: the last released one, or the required one. */
  readonly declared: string;
  /** The newest release, `null` for an event type that has none. */
  readonly released: string | null;
  /** The version the next release has to have; the released one where nothing changed. */
  readonly required: string;
  /** What leads from `released` to `required`. */
  readonly bump: Bump | "first";
  /** Against the newest release. */
  readonly changes: readonly Change[];
}

export interface AssessInput {
  readonly contract: Contract;
  /** Releases of the baseline. */
  readonly known: readonly Release[];
  readonly exceptions: Exceptions;
  /** Whether the folder keeps its releases, which is what its lock says. */
  readonly keepsReleases: boolean;
}

export interface Assessed {
  readonly assessment: Assessment;
  readonly problems: readonly CheckProblem[];
}

/** Computes the version a contract has to have, and finds what may not be released like that. Pure. */
export function assess(input: AssessInput): Assessed {
  const { contract, known } = input;
  const {
    type,
    declared,
    event: { summary },
  } = contract;
  const own = new Set(contract.released.map(({ version }) => version));
  const history = [...contract.released, ...known.filter(({ version }) => !own.has(version))].toSorted(
    (a, b) => compareVersions(a.version, b.version),
  );
  const latest = history.at(-1);
  if (latest === undefined) {
    const assessment = {
      type,
      summary,
      declared,
      released: null,
      required: declared,
      bump: "first",
      changes: [],
    } as const;
    return { assessment, problems: [] };
  }
  const kept = findLostReleases(input);
  const { required, bump, changes, problems } = require(input, { latest, history });
  return {
    assessment: { type, summary, declared, released: latest.version, required, bump, changes },
    problems: [
      ...kept,
      ...problems,
      ...lintDeclared(contract, { latest, required, isBroken: problems.length > 0 }),
    ],
  };
}

interface History {
  readonly latest: Release;
  /** Oldest first. */
  readonly history: readonly Release[];
}

interface Requirement {
  readonly required: string;
  readonly bump: Bump;
  readonly changes: readonly Change[];
  readonly problems: readonly CheckProblem[];
}

function require({ contract, exceptions }: AssessInput, { latest, history }: History): Requirement {
  const { schema } = contract.majors[0];
  const { changes, bump: difference } = compareContracts(latest.schema, schema);
  if (difference === "none") return { required: latest.version, bump: "none", changes: [], problems: [] };
  const breaks = breakingChanges(schema, { latest, history });
  const isRaised = majorOf(contract.declared) > majorOf(latest.version);
  const { type } = contract;
  const unexcused = breaks.filter(
    ({ change: { rule, pointer } }) => !exceptions.excuse({ type, rule, pointer }),
  );
  const bump = (isRaised ? breaks : unexcused).length > 0 ? "major" : withinMajor(changes);
  return {
    required: nextVersion(latest.version, bump),
    bump,
    changes,
    problems: isRaised ? [] : unexcused.map((one) => toProblem(contract, one)),
  };
}

interface Break {
  readonly change: Change;
  readonly version: string;
}

/** What breaks any release of the major, each once, but not what the newest release has broken already. */
function breakingChanges(
  schema: Contract["majors"][0]["schema"],
  { latest, history }: History,
): readonly Break[] {
  const major = majorOf(latest.version);
  const releases = history.filter(({ version }) => majorOf(version) === major).toReversed();
  const found = new Map<string, Break>();
  for (const { version, comparison } of compareHistory(releases, schema)) {
    const breaking = comparison.changes.filter(({ bump }) => bump === "major");
    const fresh = breaking.filter((change) => !found.has(keyOf(change)));
    if (fresh.length === 0) continue;
    const older = releases.find((release) => release.version === version);
    const before = older === undefined ? [] : compareContracts(older.schema, latest.schema).changes;
    const settled = new Set(before.map(keyOf));
    for (const change of fresh)
      if (!settled.has(keyOf(change))) found.set(keyOf(change), { change, version });
  }
  return [...found.values()];
}

function keyOf({ rule, pointer }: Change): string {
  return `${rule} ${pointer}`;
}

/** The bump of what is left when every break has been excused. */
function withinMajor(changes: readonly Change[]): Bump {
  const bump = greatestBump(changes.map((change) => change.bump));
  return bump === "major" ? "minor" : bump;
}

function toProblem(
  { type, majors: [{ file }], declared }: Contract,
  { change, version }: Break,
): CheckProblem {
  const { rule, pointer, counterexample, proof } = change;
  const doubt = proof === "unproven" ? " No payload that shows it was found." : "";
  const major = majorOf(declared) + 1;
  const message =
    `${change.message}${doubt} That breaks ${version}, and may not happen within a major: take it back, or raise ` +
    `x-event.version to ${major}.0.0 and write migrations/v${major}-v${major - 1}.ts (\`hooks contracts migration\` drafts it).`;
  return {
    code: "breaking_change",
    file,
    pointer,
    message,
    type,
    rule,
    against: version,
    ...(counterexample === undefined ? {} : { counterexample: counterexample.data }),
  };
}

interface Declaration {
  readonly latest: Release;
  readonly required: string;
  /** The break has been reported, and decides the version. */
  readonly isBroken: boolean;
}

function lintDeclared(
  contract: Contract,
  { latest, required, isBroken }: Declaration,
): readonly CheckProblem[] {
  const { type, declared, majors } = contract;
  const difference = compareVersions(declared, required);
  const isTooLow = difference < 0 && declared !== latest.version;
  if (difference === 0 || isBroken || !(isTooLow || difference > 0)) return [];
  const why =
    required === latest.version
      ? `nothing has changed since ${required}`
      : `what has changed since ${latest.version} makes it ${required}`;
  return [
    {
      code: isTooLow ? "version_too_low" : "version_too_high",
      file: majors[0].file,
      pointer: "/x-event/version",
      message: `The version is ${declared}, but ${why}. It is computed: leave ${latest.version}, the release sets it.`,
      type,
    },
  ];
}

/** Releases the baseline has: they must be here, where releases are kept or were raised above, and be the same. */
function findLostReleases({ contract, known, keepsReleases }: AssessInput): readonly CheckProblem[] {
  const { type, declared, released, majors } = contract;
  return known.flatMap(({ version, schema }): readonly CheckProblem[] => {
    const own = released.find((release) => release.version === version);
    if (own !== undefined && !sameContent(withoutDeprecation(own.schema), withoutDeprecation(schema))) {
      const message = `${version} has been released with other content, and what is released does not change.`;
      return [{ code: "released_version_changed", file: own.file, pointer: "", message, type }];
    }
    const isCurrent = version === declared && sameContent(schema, majors[0].schema);
    const isKept = own !== undefined || isCurrent;
    if (isKept || !(keepsReleases || majorOf(version) < majorOf(declared))) return [];
    const message = `${version} has been released, but there is no versions/${version}.json: endpoints may be pinned to it.`;
    return [{ code: "missing_release", file: majors[0].file, pointer: "", message, type }];
  });
}
