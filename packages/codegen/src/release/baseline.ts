import type { Release } from "../diff/comparison.ts";
import { isObject, objectAt, type Json } from "../json.ts";
import { lockFile, readLayout } from "../layout.ts";
import { bundle } from "../normalise/bundle.ts";
import { ContractsError, type Problem } from "../problem.ts";
import { compareVersions } from "../project.ts";
import { parseDocuments } from "../read-project.ts";
import type { Sources } from "../sources.ts";

/** What was released before, somewhere else than in the folder of schemas itself. */
export interface Baseline {
  /** As the user named it: `git:main`. */
  readonly name: string;
  /** By event type; of each the releases, oldest first. Types that were never released have none. */
  readonly releases: ReadonlyMap<string, readonly Release[]>;
}

/** What `npm:` or a folder gives when it holds a generated package. */
export interface PackageContent {
  readonly name: string;
  /** `catalog.json`. */
  readonly catalog: Json | undefined;
}

/**
 * Reads the baseline from a folder of schemas as it was then. With a lock, what is in `versions/` has been released;
 * without one, `schema.json` counts as released too: its owner publishes without the release command.
 * Throws `ContractsError` when the folder cannot be read.
 */
export function baselineOfSources(name: string, sources: Sources): Baseline {
  const { documents, problems } = parseDocuments(sources);
  const broken: Problem[] = [...problems];
  const read = (file: string): Release | undefined => {
    const bundled = bundle(file, { documents });
    if (!bundled.ok) broken.push(...bundled.problems);
    return bundled.ok ? { version: versionOf(file, bundled.schema), schema: bundled.schema } : undefined;
  };
  const releases = new Map<string, readonly Release[]>();
  for (const [type, { versions }] of readLayout(sources, "relaxed").layout.types) {
    const files = sources.has(lockFile) ? versions : [...versions, `${type}/schema.json`];
    const found = files.flatMap((file) => read(file) ?? []);
    releases.set(type, sorted(found));
  }
  if (broken.length > 0) throw unreadable(name, broken);
  if (releases.size === 0) throw unreadable(name, "There is no event type in it.");
  return { name, releases };
}

/** Reads the baseline from a generated package. Throws `ContractsError` when it is none. */
export function baselineOfPackage({ name, catalog }: PackageContent): Baseline {
  if (!isObject(catalog)) throw unreadable(name, "It holds no catalog.json of event types.");
  const releases = Object.entries(catalog).map(([type, info]): [string, readonly Release[]] => {
    const { latest, schema } = isObject(info) ? info : {};
    if (typeof latest !== "string" || !isObject(schema))
      throw unreadable(name, `Its catalogue has no schema of ${type}.`);
    const older = Object.entries(objectAt(info as typeof catalog, "olderSchemas"));
    const all = [...older, [latest, schema] as const].flatMap(([version, one]) =>
      isObject(one) ? [{ version, schema: one }] : [],
    );
    return [type, sorted(all)];
  });
  return { name, releases: new Map(releases) };
}

export const unreadableCode = "unreadable_baseline";

/** A baseline that cannot be had: what is wrong stands where the user named it, not in the folder of today. */
export function unreadable(name: string, reason: string | readonly Problem[]): ContractsError {
  const code = unreadableCode;
  const where = name.replaceAll(/\p{Cc}/gu, " ");
  if (typeof reason === "string")
    return new ContractsError([{ code, file: where, pointer: "", message: reason }]);
  return new ContractsError(
    reason.map(({ file, pointer, message }) => ({
      code,
      file: [where, file].filter((part) => part !== "").join("/"),
      pointer,
      message,
    })),
  );
}

function versionOf(file: string, schema: Json): string {
  const released = /\/versions\/([\d.]+)\.json$/.exec(file)?.[1];
  const declared = isObject(schema) ? objectAt(schema, "x-event")["version"] : undefined;
  return released ?? (typeof declared === "string" ? declared : "1.0.0");
}

/** Oldest first; of two of one number the first stays, which is the released file. */
function sorted(releases: readonly Release[]): readonly Release[] {
  const byVersion = new Map(releases.toReversed().map((release) => [release.version, release]));
  return [...byVersion.values()].toSorted((a, b) => compareVersions(a.version, b.version));
}
