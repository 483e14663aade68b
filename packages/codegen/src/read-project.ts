import { readConfig } from "./config.ts";
import { isObject, type Json } from "./json.ts";
import { configFile, exceptionsFile, lockFile, readLayout } from "./layout.ts";
import { lintEvent } from "./lint/event.ts";
import { lintFeatureFlags } from "./lint/feature-flags.ts";
import { lintCompiling, lintFixtures } from "./lint/fixtures.ts";
import { lintSchemaFile } from "./lint/schema-file.ts";
import type { Documents } from "./normalise/bundle.ts";
import type { Problem } from "./problem.ts";
import type { Contract, Project, ProjectConfig } from "./project.ts";
import { readContract } from "./read-contract.ts";
import { readExceptions } from "./release/exceptions.ts";
import { lintLock } from "./release/lock.ts";
import { unraisedBreaks } from "./release/unraised.ts";
import { readJson } from "./read-json.ts";
import type { Sources } from "./sources.ts";

export type ReadProject =
  | { readonly ok: true; readonly project: Project }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface ReadProjectOptions {
  /**
   * Whether a change may break what has been released under the same major: only to compare contracts, for such a
   * change has no number yet. By default it is a problem, unless `compat-exceptions.json` excuses it.
   */
  readonly breaks?: boolean;
}

/** Reads and lints a folder of schemas; every problem that can be found is reported at once. Pure. */
export function readProject(sources: Sources, { breaks = false }: ReadProjectOptions = {}): ReadProject {
  const { project, problems: faults } = examineProject(sources);
  const problems = [...faults, ...(breaks ? [] : lintBreaks(project, sources))];
  return project === undefined || problems.length > 0 ? { ok: false, problems } : { ok: true, project };
}

/** What is here is the same today and tomorrow, so whether an exception has expired is asked when it is checked. */
function lintBreaks(project: Project | undefined, sources: Sources): readonly Problem[] {
  const given = new Map([...sources].filter(([file]) => file === exceptionsFile));
  const exceptions = readExceptions(parseDocuments(given).documents.get(exceptionsFile), new Date(0));
  return (project?.contracts ?? []).flatMap((contract) => unraisedBreaks(contract, exceptions));
}

/** Like `readProject`, with the contracts also when only their fixtures, versions or migrations are wrong. Pure. */
export function examineProject(sources: Sources): {
  readonly project?: Project;
  readonly problems: readonly Problem[];
} {
  const { documents, problems: unparsable } = parseDocuments(sources);
  const { config, problems: misconfigured } = configOf(sources, documents);
  const { layout, problems: misplaced } = readLayout(sources, config.lint);
  const problems = [
    ...misplaced,
    ...unparsable,
    ...misconfigured,
    ...lintLock(documents.get(lockFile), sources),
    ...lintSchemas(documents, config),
  ];
  if (layout.types.size === 0)
    problems.push({ code: "no_event_types", file: "", pointer: "", message: "There is no event type." });
  if (problems.length > 0) return { problems };

  const read = [...layout.types].map(([type, files]) =>
    readContract({ type, files, documents, sources, level: config.lint }),
  );
  const contracts = read.flatMap(({ contract }) => contract ?? []);
  return {
    ...(contracts.length === read.length ? { project: { config, contracts } } : {}),
    problems: [...read.flatMap(({ problems }) => problems), ...lintAllFixtures(contracts, config)],
  };
}

/** What is wrong with a file that is no JSON has been said. */
function configOf(sources: Sources, documents: Documents): ReturnType<typeof readConfig> {
  const isBroken = sources.has(configFile) && !documents.has(configFile);
  return readConfig(isBroken ? { package: "contracts", source: "hooks" } : documents.get(configFile));
}

/** Parses the JSON files of a folder of schemas; those that cannot be parsed are problems. */
export function parseDocuments(sources: Sources): {
  readonly documents: Documents;
  readonly problems: readonly Problem[];
} {
  const documents = new Map<string, Json>();
  const problems: Problem[] = [];
  for (const [file, text] of sources) {
    if (!file.endsWith(".json")) continue;
    const read = readJson(file, text);
    if (read.ok) documents.set(file, read.value);
    else problems.push(read.problem);
  }
  return { documents, problems };
}

function lintSchemas(documents: Documents, { lint }: ProjectConfig): readonly Problem[] {
  const files = [...documents].filter(([file]) =>
    /(?:\/schema|\.schema|\/versions\/[\d.]+)\.json$/.test(file),
  );
  return files
    .filter(([file]) => file !== configFile)
    .flatMap(([file, document]): readonly Problem[] => {
      if (!isObject(document))
        return [{ code: "invalid_schema", file, pointer: "", message: "A schema is an object." }];
      const isContract = !file.startsWith("common/");
      return [
        ...lintSchemaFile(file, document, lint),
        ...lintFeatureFlags(file, document, { isContract }),
        ...(isContract ? lintEvent(file, document, lint) : []),
      ];
    });
}

function lintAllFixtures(contracts: readonly Contract[], { lint }: ProjectConfig): readonly Problem[] {
  const faults = contracts.flatMap(({ majors }) => majors.flatMap((major) => lintFixtures(major, lint)));
  return [...faults, ...lintCompiling(contracts)];
}
