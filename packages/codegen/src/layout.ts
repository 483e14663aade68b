import { isDeviceName } from "./device-names.ts";
import type { Problem } from "./problem.ts";
import type { LintLevel } from "./project.ts";
import type { Sources } from "./sources.ts";

/** The files of a folder of schemas, each where it belongs; paths sorted. */
export interface Layout {
  readonly common: readonly string[];
  readonly types: ReadonlyMap<string, TypeFiles>;
}

export interface TypeFiles {
  readonly examples: readonly string[];
  readonly invalid: readonly string[];
  readonly versions: readonly string[];
  readonly migrations: readonly string[];
  /** At most one. */
  readonly changelog: readonly string[];
  /** At most one. */
  readonly deprecations: readonly string[];
}

export const configFile = "hooks.schemas.json";
export const lockFile = "catalog.lock.json";
export const exceptionsFile = "compat-exceptions.json";
const rootFiles = new Set([configFile, lockFile, exceptionsFile]);
const eventTypes = {
  strict: /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/,
  relaxed: /^(?!common$)[A-Za-z][\w-]*(?:\.[\w-]+)*$/,
};

const slots = {
  examples: /^examples\/[^/]+\.json$/,
  invalid: /^invalid\/[^/]+\.json$/,
  versions: /^versions\/\d+\.\d+\.\d+\.json$/,
  migrations: /^migrations\/v\d+-v\d+\.ts$/,
  changelog: /^changelog\.json$/,
  deprecations: /^deprecations\.json$/,
};

/**
 * Sorts files into their places; what has no place is a problem, for a misspelt folder would be ignored for ever.
 * `strict` wants event types to be `resource.action`; `relaxed` takes those of other systems too.
 */
export function readLayout(
  sources: Sources,
  level: LintLevel,
): {
  readonly layout: Layout;
  readonly problems: readonly Problem[];
} {
  const paths = [...sources.keys()].toSorted();
  const names = new Set(paths.filter((path) => path.endsWith("/schema.json")).map(folderOf));
  const types = [...names].filter((name) => eventTypes[level].test(name) && !(name in Object.prototype));
  const isKnown = (path: string) =>
    rootFiles.has(path) || isCommon(path) || types.some((type) => belongs(path, type));
  return {
    layout: {
      common: paths.filter(isCommon),
      types: new Map(types.map((type) => [type, filesOf(type, paths)])),
    },
    problems: [
      ...paths.filter((path) => !isKnown(path)).map(misplaced),
      ...[...new Set(paths.flatMap(deviceIn))].map(reserved),
    ],
  };
}

function filesOf(type: string, paths: readonly string[]): TypeFiles {
  const inside = paths.filter((path) => path.startsWith(`${type}/`));
  const select = (slot: RegExp) => inside.filter((path) => slot.test(path.slice(type.length + 1)));
  return {
    examples: select(slots.examples),
    invalid: select(slots.invalid),
    versions: select(slots.versions),
    migrations: select(slots.migrations),
    changelog: select(slots.changelog),
    deprecations: select(slots.deprecations),
  };
}

function belongs(path: string, type: string): boolean {
  if (!path.startsWith(`${type}/`)) return false;
  const rest = path.slice(type.length + 1);
  return rest === "schema.json" || Object.values(slots).some((slot) => slot.test(rest));
}

function isCommon(path: string): boolean {
  return /^common\/[a-z][a-z0-9_-]*\.schema\.json$/.test(path);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** The path as far as its first name that cannot be one everywhere. */
function deviceIn(path: string): readonly string[] {
  const names = path.split("/");
  const index = names.findIndex(isDeviceName);
  return index < 0 ? [] : [names.slice(0, index + 1).join("/")];
}

function reserved(file: string): Problem {
  const message =
    "Expected a name that can be a file everywhere, found one that Windows keeps for a device (con, prn, aux, nul, com1, " +
    "lpt1, …, whatever follows after a dot): the generated package could not be unpacked there.";
  return { code: "reserved_name", file, pointer: "", message };
}

function misplaced(file: string): Problem {
  const message =
    "This file has no place here. An event type is a folder such as invoice.paid with schema.json, and beside it " +
    "examples/*.json, invalid/*.json, versions/1.2.0.json, migrations/v2-v1.ts and deprecations.json; shared shapes are " +
    "common/*.schema.json.";
  return { code: "misplaced_file", file, pointer: "", message };
}
