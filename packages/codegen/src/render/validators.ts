import { sensitivePointers } from "../normalise/sensitive.ts";
import type { Openness } from "../normalise/validator-schema.ts";
import type { Contract, Major, Project } from "../project.ts";
import { header, moduleName, type Files } from "./files.ts";
import { digest } from "../digest.ts";
import { checkName, isCheck, reachable, readProgram, type Unit } from "./program.ts";
import { runtimeSymbols } from "./runtime-symbols.ts";
import { compileContracts, standaloneCode } from "./standalone.ts";

/**
 * The validators of all contracts and the table that finds them: `open.ts` and `closed.ts`. Plain code without `eval`,
 * each one module, which loads several times faster than one for each contract; whoever bundles only a few contracts
 * gets only theirs all the same, for nothing in it has side effects.
 */
export function renderValidators(name: string, { contracts }: Project): Files {
  const rows = rowNames(contracts);
  return new Map(
    (["open", "closed"] as const).map((openness) => [
      `${openness}.ts`,
      header(name) + renderModule(contracts, openness, rows),
    ]),
  );
}

/** Module of a contract's major to the constant that has its row. */
export type RowNames = ReadonlyMap<string, string>;

/** The constants of `open.ts` and `closed.ts` that others import. */
export function rowNames(contracts: readonly Contract[]): RowNames {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const module of contracts.flatMap(modulesOf)) {
    const plain = `row_${module.replaceAll(/\W/g, "_")}`;
    const name = taken.has(plain) ? `${plain}_${digest(module).slice(0, 6)}` : plain;
    names.set(module, name);
    taken.add(name);
  }
  return names;
}

/** A contract's majors as modules, newest first. */
export function modulesOf({ type, majors }: Contract): readonly string[] {
  return majors.map(({ major }) => moduleName(type, major));
}

function renderModule(contracts: readonly Contract[], openness: Openness, rows: RowNames): string {
  const compiled = compileContracts(contracts, openness);
  const program = readProgram(standaloneCode(compiled));
  const checks = new Map([...compiled.entries].map(([module, entry]) => [module, checkName(entry)]));
  const units = reachable(program, [...checks.values()]);
  const majors = contracts.flatMap(({ type, majors: all }) =>
    all.map((major) => ({ major, module: moduleName(type, major.major) })),
  );
  const lines = [
    "// @ts-nocheck",
    'import type { Row, Table } from "./runtime/row.ts";',
    ...runtimeImports(units),
    "",
    // What functions need comes before them.
    ...[...units.filter((unit) => !isCheck(unit)), ...units.filter(isCheck)].map(
      ({ name, value }) => `const ${name} = ${value};`,
    ),
    ...majors.map(({ major, module }) => renderRow(rows.get(module) ?? "", major, checks.get(module) ?? "")),
    "",
    "export const table: Table = /* @__PURE__ */ new Map([",
    ...contracts.map((contract) => {
      const names = modulesOf(contract).map((module) => rows.get(module));
      return `  [${JSON.stringify(contract.type)}, [${names.join(", ")}]],`;
    }),
    "]);",
  ];
  return `${lines.join("\n")}\n`;
}

function runtimeImports(units: readonly Unit[]): readonly string[] {
  const symbols = new Set(units.flatMap(({ imports }) => [...imports]));
  const files = [...new Set(runtimeSymbols.values())];
  return files.flatMap((file) => {
    const names = [...symbols].filter((symbol) => runtimeSymbols.get(symbol) === file);
    return names.length === 0
      ? []
      : [`import { ${names.toSorted().join(", ")} } from "./runtime/${file}.ts";`];
  });
}

function renderRow(name: string, { major, version, versions, schema }: Major, check: string): string {
  return `
export const ${name}: Row = {
  version: ${JSON.stringify(version)},
  prefix: ${JSON.stringify(`${major}.`)},
  versions: ${JSON.stringify(versions)},
  check: ${check},
  sensitive: ${JSON.stringify(sensitivePointers(schema))},
};`;
}
