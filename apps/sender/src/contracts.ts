import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadContracts } from "@hooks/codegen";
import type { Contracts } from "@hooks/sender";

export interface ContractsLocation {
  /** A contracts package, or a folder of schemas when it begins with `.` or `/`. */
  readonly name: string;
  /** Where packages are looked for that this app does not bring itself. */
  readonly workingFolder: string;
}

/** The contracts that publishing enforces. Throws an `Error` that says what is wrong with them. */
export async function importContracts(location: ContractsLocation): Promise<Contracts> {
  try {
    return await load(location);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`HOOKS_CONTRACTS: ${location.name}: ${reason}`, { cause });
  }
}

async function load({ name, workingFolder }: ContractsLocation): Promise<Contracts> {
  if (/^[./]/.test(name)) return loadContracts(name);
  const module = await importProducer(`${name}/producer`, workingFolder);
  if (!hasContracts(module)) throw new Error("its producer exports no contracts");
  return module.contracts;
}

async function importProducer(specifier: string, workingFolder: string): Promise<unknown> {
  try {
    return await import(specifier);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return import(pathToFileURL(resolveFrom(workingFolder, specifier)).href);
  }
}

function resolveFrom(folder: string, specifier: string): string {
  try {
    return createRequire(join(folder, "package.json")).resolve(specifier);
  } catch (cause) {
    throw new Error(`there is no contracts package of this name in ${folder}`, { cause });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}

function hasContracts(module: unknown): module is { readonly contracts: Contracts } {
  const { contracts } = module as { readonly contracts?: Partial<Contracts> };
  return (
    typeof contracts?.validateEvent === "function" &&
    typeof contracts.migrate === "function" &&
    typeof contracts.eventTypes === "object"
  );
}
