import { objectAt, type Json, type JsonObject } from "./json.ts";
import { readExamples, readInvalid } from "./fixture-files.ts";
import type { TypeFiles } from "./layout.ts";
import { lintMigrations } from "./lint/migrations.ts";
import { lintBundled } from "./lint/schema-file.ts";
import { bundle, type Documents } from "./normalise/bundle.ts";
import type { Problem } from "./problem.ts";
import {
  compareVersions,
  majorOf,
  type Contract,
  type EventAnnotation,
  type Example,
  type LintLevel,
  type Major,
  type MigrationFile,
  type Version,
} from "./project.ts";
import { readChangelog } from "./release/changelog.ts";
import { readDeprecations, withDeprecation } from "./release/deprecations.ts";
import { upcomingVersion, withVersion } from "./release/content.ts";
import type { Sources } from "./sources.ts";

export interface ContractInput {
  readonly type: string;
  readonly files: TypeFiles;
  readonly documents: Documents;
  readonly sources: Sources;
  readonly level: LintLevel;
}

/** Puts a contract together from its linted files. Without a contract there is at least one problem. */
export function readContract(input: ContractInput): {
  readonly contract?: Contract;
  readonly problems: readonly Problem[];
} {
  const { type, files, documents, level } = input;
  const file = `${type}/schema.json`;
  const bundled = bundle(file, { documents, level });
  if (!bundled.ok) return { problems: bundled.problems };
  const { released, broken } = readReleased(files.versions, input);
  if (broken.length > 0) return { problems: broken };
  // Each file has been linted; but a reference may lead to a place in it that is no schema by itself.
  const dangers = lintBundled(file, bundled);
  if (dangers.length > 0) return { problems: dangers };
  const event = eventOf(type, bundled.schema, released);
  const version = upcomingVersion(event.version, bundled.schema, released);
  const current: Version = { version, file, schema: withVersion(bundled.schema, version) };
  const versions = [...released.filter(({ version }) => version !== current.version), current].toSorted(
    (a, b) => compareVersions(a.version, b.version),
  );
  const { invalid, problems } = readInvalid(files.invalid, documents);
  const examples = readExamples(files.examples, documents);
  const newest: Major = { ...current, major: majorOf(current.version), versions: [], examples, invalid };
  const migrations = files.migrations.map((path) => readMigration(path, input.sources));
  const [changelogFile = ""] = files.changelog;
  const { changelog, problems: strange } = readChangelog(changelogFile, documents.get(changelogFile));
  const [deprecationsFile = ""] = files.deprecations;
  const { deprecations, problems: untrue } = readDeprecations(deprecationsFile, {
    document: documents.get(deprecationsFile),
    majors: released.map(({ version }) => majorOf(version)),
    newest: newest.major,
  });
  const told = versions.map((version) => withDeprecation(version, deprecations));
  const contract: Contract = {
    type,
    event: { ...event, version },
    lifecycle: typeof current.schema["x-lifecycle"] === "string" ? current.schema["x-lifecycle"] : "stable",
    majors: majorsOf(told, newest),
    versions: told,
    declared: event.version,
    released: released.toSorted((a, b) => compareVersions(a.version, b.version)),
    changelog,
    migrations,
  };
  return {
    contract,
    problems: [...problems, ...strange, ...untrue, ...lintReleases(contract), ...lintMigrations(contract)],
  };
}

/** What a contract says about its event; a schema that was not written as one says it in other words, or not at all. */
function eventOf(type: string, schema: JsonObject, released: readonly Version[]): EventAnnotation {
  const { title, description } = schema;
  const [summary = type, trigger = summary] = [title, description].filter(isText);
  const newest = released
    .map(({ version }) => version)
    .toSorted(compareVersions)
    .at(-1);
  // The annotation has been linted before.
  const given = objectAt(schema, "x-event") as Partial<EventAnnotation>;
  const [group = type] = type.split(".");
  return { version: newest ?? "1.0.0", group, summary, trigger, payload: "full", ...given };
}

function isText(value: Json | undefined): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** A released file is whole in itself; bundling it once more changes nothing, and finds what leads nowhere. */
function readReleased(files: readonly string[], { documents, level }: ContractInput): ReadReleased {
  const read = files.map((file) => ({ file, bundled: bundle(file, { documents, level }) }));
  return {
    released: read.flatMap(({ file, bundled }) => {
      const version = file.slice(file.lastIndexOf("/") + 1, -".json".length);
      return bundled.ok ? [{ version, file, schema: bundled.schema }] : [];
    }),
    broken: read.flatMap(({ bundled }) => (bundled.ok ? [] : bundled.problems)),
  };
}

interface ReadReleased {
  readonly released: readonly Version[];
  readonly broken: readonly Problem[];
}

function majorsOf(versions: readonly Version[], newest: Major): Contract["majors"] {
  const older = new Map<number, Version>();
  for (const version of versions) {
    const major = majorOf(version.version);
    if (major < newest.major) older.set(major, version);
  }
  const versionsOf = (major: number) =>
    versions.map(({ version }) => version).filter((version) => majorOf(version) === major);
  const rest = [...older]
    .toSorted(([a], [b]) => b - a)
    .map(([major, version]) => olderMajor(version, versionsOf(major)));
  return [{ ...newest, versions: versionsOf(newest.major) }, ...rest];
}

/** A released version carries its examples with it, in the keyword `examples`. */
function olderMajor({ version, file, schema }: Version, versions: readonly string[]): Major {
  const { examples: given, ...rest } = schema;
  const list: readonly Json[] = Array.isArray(given) ? given : [];
  const examples = list.map((data, index): Example => ({ name: `released-${index + 1}`, file, data }));
  return { version, file, schema: rest, major: majorOf(version), versions, examples, invalid: [] };
}

function readMigration(file: string, sources: Sources): MigrationFile {
  const [from = 0, to = 0] = [...file.matchAll(/\d+(?=-v|\.ts$)/g)].map(([digits]) => Number(digits));
  return { file, from, to, text: sources.get(file) ?? "" };
}

function lintReleases({ declared, released, majors: [newest] }: Contract): readonly Problem[] {
  return released
    .filter(({ version }) => compareVersions(version, declared) > 0)
    .map(({ version }) => ({
      code: "version_too_low",
      file: newest.file,
      pointer: "/x-event/version",
      message: `${version} has been released, and schema.json states the older ${declared}.`,
    }));
}
