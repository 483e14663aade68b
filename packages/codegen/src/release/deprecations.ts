import { isObject, pointerTo, type Json, type JsonObject } from "../json.ts";
import { lintDates } from "../lint/event.ts";
import type { Problem } from "../problem.ts";
import { majorOf, type Version } from "../project.ts";

/** What has been deprecated since it was released: `x-deprecation` by major. */
export type Deprecations = ReadonlyMap<number, JsonObject>;

export interface DeprecationsInput {
  /** The content of the file; a contract without one has deprecated nothing. */
  readonly document: Json | undefined;
  /** Majors that have been released. */
  readonly majors: readonly number[];
  /** The major of schema.json. */
  readonly newest: number;
}

const members = ["effective", "removal", "alternative", "documentation"];

/**
 * Reads `deprecations.json` of an event type: `{ "1": { "effective", "removal", "alternative", "documentation" } }`.
 * Released files never change, so that an older major is over is said beside them.
 */
export function readDeprecations(
  file: string,
  { document, majors, newest }: DeprecationsInput,
): { readonly deprecations: Deprecations; readonly problems: readonly Problem[] } {
  if (document === undefined) return { deprecations: new Map(), problems: [] };
  if (!isObject(document)) {
    const message = 'Must be an object of majors, such as { "1": { "effective": "2027-01-31" } }.';
    return { deprecations: new Map(), problems: [invalid({ file, pointer: "" }, message)] };
  }
  const rows = Object.entries(document).map(([name, said]): Row => {
    const problems = lintMajor(name, { file, majors, newest });
    const at = { file, pointer: pointerTo("", name) };
    return { major: Number(name), said, problems: [...problems, ...lintSaid(at, said)] };
  });
  const told = rows.flatMap(({ major, said, problems }): (readonly [number, JsonObject])[] =>
    isObject(said) && problems.length === 0 ? [[major, said]] : [],
  );
  return { deprecations: new Map(told), problems: rows.flatMap(({ problems }) => problems) };
}

/** A released version as it stands today: it says so once its major has been deprecated. */
export function withDeprecation<V extends Pick<Version, "version" | "schema">>(
  version: V,
  deprecations: Deprecations,
): V {
  const said = deprecations.get(majorOf(version.version));
  if (said === undefined) return version;
  return { ...version, schema: { ...version.schema, "x-lifecycle": "deprecated", "x-deprecation": said } };
}

/** A released version without what may be said of it later. */
export function withoutDeprecation(schema: JsonObject): JsonObject {
  const { "x-lifecycle": _lifecycle, "x-deprecation": _deprecation, ...rest } = schema;
  return rest;
}

interface Row {
  readonly major: number;
  readonly said: Json;
  readonly problems: readonly Problem[];
}

type Place = Pick<Problem, "file" | "pointer">;

function lintMajor(
  name: string,
  { file, majors, newest }: Pick<DeprecationsInput, "majors" | "newest"> & { readonly file: string },
): readonly Problem[] {
  const at = { file, pointer: pointerTo("", name) };
  if (!/^\d+$/.test(name) || !majors.includes(Number(name)))
    return [invalid(at, `${name} is no major that has been released.`)];
  if (Number(name) === newest)
    return [invalid(at, "The newest major is deprecated in schema.json: x-lifecycle and x-deprecation.")];
  return [];
}

function lintSaid(at: Place, said: Json): readonly Problem[] {
  const names = `${members.slice(0, -1).join(", ")} and ${members.at(-1)}, each a text`;
  if (!isObject(said)) return [invalid(at, `Must be an object with ${names}.`)];
  const isStrange = ([name, value]: [string, Json]) => !members.includes(name) || typeof value !== "string";
  const strange = Object.entries(said).filter(isStrange);
  return [
    ...strange.map(([name]) =>
      invalid({ ...at, pointer: pointerTo(at.pointer, name) }, `A deprecation has ${names}.`),
    ),
    ...lintDates(at, said),
  ];
}

function invalid(at: Place, message: string): Problem {
  return { code: "invalid_deprecation", ...at, message };
}
