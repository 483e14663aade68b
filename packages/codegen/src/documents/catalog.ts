import { createHash } from "node:crypto";
import { canonicalJson, isObject, type Json, type JsonObject } from "../json.ts";
import { compareVersions, majorOf, type Project } from "../project.ts";
import type { Changelog } from "../release/changelog.ts";
import { contractInfo } from "../render/contract-info.ts";
import type { ContractInfo } from "../runtime/contracts.ts";

/** What documents are made of: the contracts of a folder of schemas, or those a sender runs with. */
export interface Catalog {
  /** The contracts package, such as `@acme/events`. */
  readonly name: string;
  /** The `source` of the events. */
  readonly source: string;
  /** Sorted by type. */
  readonly events: readonly CatalogEvent[];
}

export interface CatalogEvent {
  readonly type: string;
  readonly group: string;
  readonly summary: string;
  readonly trigger: string;
  readonly lifecycle: string;
  readonly payload: "full" | "thin";
  readonly featureFlags: readonly string[];
  /** Newest first. */
  readonly versions: readonly [CatalogVersion, ...CatalogVersion[]];
}

export interface CatalogVersion {
  readonly version: string;
  readonly major: number;
  /** The bundled schema of `data`, without `examples`. */
  readonly schema: JsonObject;
  /** Each a `data` of this version. */
  readonly examples: readonly Json[];
  /** The day of its release, such as `2026-11-20`, where it is known. */
  readonly released?: string;
}

/** The part of a contract that documents tell. */
export type CatalogContract = Omit<ContractInfo, "olderSchemas"> &
  Partial<Pick<ContractInfo, "olderSchemas">>;

export interface CatalogInput {
  readonly name: string;
  readonly source: string;
  readonly eventTypes: Readonly<Record<string, CatalogContract>>;
}

/** The catalogue of what `Contracts` holds. */
export function createCatalog({ name, source, eventTypes }: CatalogInput): Catalog {
  const events = Object.values(eventTypes).map(toEvent);
  return { name, source, events: events.toSorted((a, b) => (a.type < b.type ? -1 : 1)) };
}

/** The catalogue of a folder of schemas. */
export function catalogOfProject({ config, contracts }: Project): Catalog {
  const eventTypes = Object.fromEntries(contracts.map((contract) => [contract.type, contractInfo(contract)]));
  const catalog = createCatalog({ name: config.package, source: config.source, eventTypes });
  const changelogs = new Map(contracts.map(({ type, changelog }) => [type, changelog]));
  const events = catalog.events.map((event) => {
    const [newest, ...older] = event.versions;
    const date = (version: CatalogVersion) => withRelease(version, changelogs.get(event.type) ?? []);
    return { ...event, versions: [date(newest), ...older.map(date)] as const };
  });
  return { ...catalog, events };
}

function withRelease(version: CatalogVersion, changelog: Changelog): CatalogVersion {
  const entry = changelog.find((one) => one.version === version.version);
  return entry === undefined ? version : { ...version, released: entry.released };
}

/** The newest version of each major, newest first. */
export function majorsOf({ versions }: CatalogEvent): readonly CatalogVersion[] {
  return versions.filter(({ major }, index) => versions[index - 1]?.major !== major);
}

/** Twelve hexadecimal digits that change when anything in the catalogue does. */
export function digestOf(catalog: Catalog): string {
  // A catalogue is JSON throughout.
  const text = canonicalJson(catalog as unknown as Json);
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function toEvent(contract: CatalogContract): CatalogEvent {
  const { type, group, summary, trigger, lifecycle, payload, latest, olderSchemas = {} } = contract;
  // What stands in a contracts package was JSON when it was generated.
  const newest = toVersion(latest, contract.schema, contract.examples as readonly Json[]);
  const older = Object.entries(olderSchemas)
    .map(([version, schema]) => toVersion(version, schema))
    .toSorted((a, b) => compareVersions(b.version, a.version));
  const flags = newest.schema["x-feature-flag"];
  return {
    type,
    group,
    summary,
    trigger,
    lifecycle,
    payload,
    featureFlags: Array.isArray(flags) ? flags.map(String) : [],
    versions: [newest, ...older],
  };
}

/** A released version carries its examples with it, in the keyword `examples`. */
function toVersion(version: string, given: unknown, known?: readonly Json[]): CatalogVersion {
  const { examples, $schema: _dialect, $id: _id, ...schema } = isObject(given) ? given : {};
  const own: readonly Json[] = Array.isArray(examples) ? examples : [];
  return { version, major: majorOf(version), schema, examples: known ?? own };
}
