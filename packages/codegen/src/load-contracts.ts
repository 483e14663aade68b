import { compile } from "./compile.ts";
import { sensitivePointers } from "./normalise/sensitive.ts";
import { ContractsError } from "./problem.ts";
import type { Contract, Major } from "./project.ts";
import { readProject } from "./read-project.ts";
import { contractInfo } from "./render/catalog.ts";
import type { Contracts } from "./runtime/contracts.ts";
import type { Check, Row } from "./runtime/row.ts";
import { createValidateEvent } from "./runtime/validate.ts";
import { readSources } from "./sources.ts";

/**
 * Reads, checks and compiles a folder of schemas at run time: the same answers as the generated package gives.
 * Throws `ContractsError` with every problem of the folder. Compiling uses `new Function`; where that is forbidden,
 * generate a package instead.
 */
export async function loadContracts(folder: string): Promise<Contracts> {
  const read = readProject(await readSources(folder));
  if (!read.ok) throw new ContractsError(read.problems);
  const { config, contracts } = read.project;
  return {
    source: config.source,
    eventTypes: Object.fromEntries(contracts.map((contract) => [contract.type, contractInfo(contract)])),
    validateEvent: createValidateEvent(
      new Map(contracts.map((contract) => [contract.type, rowsOf(contract)])),
    ),
  };
}

function rowsOf({ majors: [newest, ...older] }: Contract): readonly [Row, ...Row[]] {
  return [toRow(newest), ...older.map(toRow)];
}

function toRow({ version, versions, major, schema }: Major): Row {
  const check = compile(schema, "closed").check as Check;
  return { version, prefix: `${major}.`, versions, check, sensitive: sensitivePointers(schema) };
}
