import { sensitivePointers } from "../normalise/sensitive.ts";
import type { Openness } from "../normalise/validator-schema.ts";
import type { Contract, Major, Project } from "../project.ts";
import { header, moduleName, type Files } from "./files.ts";
import { renderUnits } from "./modules.ts";
import { pool } from "./pool.ts";
import { checkName, readProgram } from "./program.ts";
import { splitProgram } from "./split.ts";
import { compilePool } from "./standalone.ts";

/**
 * A module for each validator, one for what several of them need, and the table that finds them: `open/`, `open.ts`,
 * `closed/`, `closed.ts`. It is plain code without `eval`, importing only what stands beside it.
 */
export function renderValidators(name: string, { contracts }: Project): Files {
  const files = new Map<string, string>();
  for (const openness of ["open", "closed"] as const) {
    for (const [file, text] of renderModules(name, contracts, openness))
      files.set(`${openness}/${file}`, text);
    files.set(`${openness}.ts`, renderTable(name, contracts, openness));
  }
  return files;
}

function renderModules(name: string, contracts: readonly Contract[], openness: Openness): Files {
  const schemas = pool(contracts, openness);
  const program = readProgram(compilePool(schemas, openness));
  const { shared, own } = splitProgram(
    program,
    new Map([...schemas.entries].map(([module, entry]) => [module, checkName(entry)])),
  );
  const files = new Map<string, string>();
  if (shared.length > 0)
    files.set("shared.ts", header(name) + renderUnits(shared, { exported: true, shared: [] }));
  for (const { type, majors } of contracts)
    for (const major of majors) {
      const module = moduleName(type, major.major);
      const entry = checkName(schemas.entries.get(module) ?? "");
      const code = renderUnits(own.get(module) ?? [], { exported: false, shared });
      files.set(`${module}.ts`, header(name) + code + renderRow(major, entry));
    }
  return files;
}

function renderRow(major: Major, check: string): string {
  return `
export const row: Row = {
  version: ${JSON.stringify(major.version)},
  prefix: ${JSON.stringify(`${major.major}.`)},
  versions: ${JSON.stringify(major.versions)},
  check: ${check},
  sensitive: ${JSON.stringify(sensitivePointers(major.schema))},
};
`;
}

function renderTable(name: string, contracts: readonly Contract[], openness: Openness): string {
  const { imports, rowsOf } = rowImports(contracts, openness);
  const entries = contracts.map(({ type }) => `  [${JSON.stringify(type)}, [${rowsOf(type)}]],`);
  return `${header(name)}import type { Table } from "./runtime/row.ts";
${imports}

export const table: Table = /* @__PURE__ */ new Map([
${entries.join("\n")}
] as const);
`;
}

/** Imports of the rows of all contracts, and what the rows of a type are called in that file. */
export function rowImports(contracts: readonly Contract[], openness: Openness): RowImports {
  const modules = contracts.flatMap(({ type, majors }) => majors.map(({ major }) => ({ type, major })));
  const imports = modules.map(
    ({ type, major }, index) =>
      `import { row as row${index} } from "./${openness}/${moduleName(type, major)}.ts";`,
  );
  const rows = new Map<string, string[]>();
  modules.forEach(({ type }, index) => rows.set(type, [...(rows.get(type) ?? []), `row${index}`]));
  return { imports: imports.join("\n"), rowsOf: (type) => (rows.get(type) ?? []).join(", ") };
}

interface RowImports {
  readonly imports: string;
  readonly rowsOf: (type: string) => string;
}
