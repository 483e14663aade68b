import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ContractsError, readProject, type Contracts, type Json, type JsonObject } from "@hooks/codegen";
import type { Io } from "../command.ts";
import { unusable, type Failure } from "../failure.ts";
import { guessHint } from "../guess.ts";
import { readSchemas } from "../schemas-folder.ts";

/** What a test delivery needs to know of an event type. */
export interface KnownContract {
  readonly version: string;
  readonly source: string;
  /** Bundled. */
  readonly schema: JsonObject;
  /** By name; a package only numbers them, from 1. */
  readonly examples: ReadonlyMap<string, Json>;
}

/** Finds an event type in a folder of schemas. Throws `Failure` or `ContractsError`. */
export async function findInFolder(type: string, folder: string, io: Io): Promise<KnownContract> {
  const read = readProject(await readSchemas(folder, io));
  if (!read.ok) throw new ContractsError(read.problems);
  const { config, contracts } = read.project;
  const contract = contracts.find((one) => one.type === type);
  if (contract === undefined)
    throw unknownType(
      type,
      folder,
      contracts.map((one) => one.type),
    );
  const [{ version, schema, examples }] = contract.majors;
  const named = examples.map(({ name, data }) => [name, data] as const);
  return { version, source: config.source, schema, examples: new Map(named) };
}

/** Finds an event type in an installed package of contracts, which is loaded. Throws `Failure`. */
export async function findInPackage(type: string, name: string, io: Io): Promise<KnownContract> {
  const { source, eventTypes } = await loadPackage(name, io);
  const info = Object.hasOwn(eventTypes, type) ? eventTypes[type] : undefined;
  if (info === undefined) throw unknownType(type, name, Object.keys(eventTypes));
  // The package was generated: its schemas are bundled, and its examples are JSON.
  const examples = info.examples.map((data, index) => [String(index + 1), data as Json] as const);
  return { version: info.latest, source, schema: info.schema as JsonObject, examples: new Map(examples) };
}

async function loadPackage(name: string, io: Io): Promise<Contracts> {
  try {
    const path = createRequire(join(io.folder, "here.js")).resolve(`${name}/producer`);
    const { contracts } = (await import(pathToFileURL(path).href)) as { readonly contracts?: Contracts };
    if (contracts !== undefined) return contracts;
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "MODULE_NOT_FOUND";
    const message = isMissing ? `${name} is not installed here` : `${name} cannot be loaded`;
    throw unusable(`${message}, or is no package of contracts.`, { code: "contracts_not_found", cause });
  }
  throw unusable(`${name} is no package of contracts.`, { code: "contracts_not_found" });
}

function unknownType(type: string, where: string, known: readonly string[]): Failure {
  const message = `There is no event type ${type} in ${where}.${guessHint(type, known)}`;
  return unusable(message, { code: "unknown_event_type" });
}
