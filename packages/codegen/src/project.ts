import type { Json, JsonObject } from "./json.ts";
import type { Changelog } from "./release/changelog.ts";

/** A folder of schemas, read and found right. */
export interface Project {
  readonly config: ProjectConfig;
  /** Sorted by type. */
  readonly contracts: readonly Contract[];
}

/** `hooks.schemas.json`. */
export interface ProjectConfig {
  /** Name of the package that is generated. */
  readonly package: string;
  /** Default `source` of events. */
  readonly source: string;
  /** `strict` also asks for descriptions, bounds and fixtures; `relaxed` only for what validation needs. */
  readonly lint: LintLevel;
}

export type LintLevel = "strict" | "relaxed";

/** All that is known about one event type. */
export interface Contract {
  readonly type: string;
  readonly event: EventAnnotation;
  readonly lifecycle: string;
  /** Newest first; the first is what people edit. */
  readonly majors: readonly [Major, ...Major[]];
  /**
   * Every version, oldest first. What has changed since its release has the number of the next one; what was
   * deprecated since says so.
   */
  readonly versions: readonly Version[];
  /** The version that schema.json states. */
  readonly declared: string;
  /** The files of versions/, oldest first, as they were released: with `examples`. */
  readonly released: readonly Version[];
  /** What each release changed, newest first. */
  readonly changelog: Changelog;
  readonly migrations: readonly MigrationFile[];
}

/** `x-event` of a contract. */
export interface EventAnnotation {
  readonly version: string;
  readonly group: string;
  readonly summary: string;
  readonly trigger: string;
  readonly payload: "full" | "thin";
}

/** The newest version of one major, with its examples. */
export interface Major extends Version {
  readonly major: number;
  /** Every version of this major, oldest first. */
  readonly versions: readonly string[];
  readonly examples: readonly Example[];
  /** Only the newest major keeps invalid examples. */
  readonly invalid: readonly InvalidExample[];
}

export interface Version {
  readonly version: string;
  readonly file: string;
  /** The schema of `data` with everything it refers to in `$defs`. */
  readonly schema: JsonObject;
}

export interface Example {
  readonly name: string;
  readonly file: string;
  readonly data: Json;
}

/** A `data` that must fail with exactly one issue. */
export interface InvalidExample extends Example {
  readonly why: string;
  /** `pointer` is relative to `data`. */
  readonly expect: { readonly pointer: string; readonly keyword: string };
}

export interface MigrationFile {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Orders versions by semantic version precedence. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function majorOf(version: string): number {
  return Number(version.split(".", 1)[0]);
}
