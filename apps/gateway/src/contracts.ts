import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ContractCheckOptions } from "@hooks/receiver";

type ConsumerContracts = ContractCheckOptions["contracts"];

/** A contracts package, or a JavaScript file when it begins with `.` or `/`. */
export interface ContractsLocation {
  readonly name: string;
  /** Where files are, and packages that this app does not bring itself. */
  readonly workingFolder: string;
}

/** What events are held against. @throws Error that says what is wrong with it. */
export async function importContracts({
  name,
  workingFolder,
}: ContractsLocation): Promise<ConsumerContracts> {
  const module: unknown = await importModule(name, workingFolder).catch((cause: unknown) => {
    throw new Error(`contracts: ${name} cannot be imported`, { cause });
  });
  if (hasParseEvent(module)) return module;
  throw new Error(`contracts: ${name} exports no parseEvent, as a contracts package does`);
}

async function importModule(name: string, workingFolder: string): Promise<unknown> {
  if (/^[./]/.test(name))
    return import(pathToFileURL(join(name.startsWith("/") ? "" : workingFolder, name)).href);
  try {
    return await import(name);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw error;
    const fromThere = createRequire(join(workingFolder, "package.json"));
    return import(pathToFileURL(fromThere.resolve(name)).href);
  }
}

function hasParseEvent(module: unknown): module is ConsumerContracts {
  return (
    typeof module === "object" &&
    module !== null &&
    "parseEvent" in module &&
    typeof module.parseEvent === "function"
  );
}
