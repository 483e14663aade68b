import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "./compile.ts";
import { sensitivePointers } from "./normalise/sensitive.ts";
import { ContractsError, refusal } from "./problem.ts";
import type { Contract, Major } from "./project.ts";
import { readProject } from "./read-project.ts";
import { contractInfo } from "./render/contract-info.ts";
import type { Contracts } from "./runtime/contracts.ts";
import { createMigrate, type Migration } from "./runtime/migrate.ts";
import type { Row } from "./runtime/row.ts";
import { createValidateEvent } from "./runtime/validate.ts";
import { readSources } from "./read-sources.ts";

/**
 * Reads, checks and compiles a folder of schemas at run time: the same answers as the generated package gives.
 * Throws `ContractsError` with every problem of the folder. It runs code: the folder's migrations are
 * imported, and compiling uses `new Function`. Where that is not wanted, generate a package instead.
 */
export async function loadContracts(folder: string): Promise<Contracts> {
  const read = readProject(await readSources(folder));
  if (!read.ok) throw new ContractsError(read.problems);
  const { config, contracts } = read.project;
  return {
    name: config.package,
    source: config.source,
    eventTypes: Object.fromEntries(contracts.map((contract) => [contract.type, contractInfo(contract)])),
    migrate: createMigrate(await importMigrations(folder, contracts)),
    validateEvent: createValidateEvent(
      new Map(contracts.map((contract) => [contract.type, rowsOf(contract)])),
    ),
  };
}

function rowsOf({ majors: [newest, ...older] }: Contract): readonly [Row, ...Row[]] {
  return [toRow(newest), ...older.map(toRow)];
}

function toRow({ version, versions, major, schema }: Major): Row {
  const check = compile(schema, "closed").check;
  return { version, prefix: `${major}.`, versions, check, sensitive: sensitivePointers(schema) };
}

async function importMigrations(
  folder: string,
  contracts: readonly Contract[],
): Promise<readonly Migration[]> {
  const files = contracts.flatMap(({ type, migrations }) => migrations.map((file) => ({ type, ...file })));
  const rows: Migration[] = [];
  for (const { type, file, from, to } of files) {
    const module: unknown = await import(pathToFileURL(resolve(folder, file)).href);
    if (!isConverter(module)) {
      const message = "A migration exports the functions down and up.";
      throw refusal({ code: "invalid_migration", file, message });
    }
    rows.push({ type, from, to, down: module.down, up: module.up });
  }
  return rows;
}

function isConverter(module: unknown): module is Pick<Migration, "down" | "up"> {
  const { down, up } = module as Readonly<Record<string, unknown>>;
  return typeof down === "function" && typeof up === "function";
}
