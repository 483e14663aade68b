import type { Openness } from "../normalise/validator-schema.ts";
import type { Contract, Project } from "../project.ts";
import { header, moduleName, type Files } from "./files.ts";
import { renderValidator } from "./validator.ts";

/** A module for each validator, and the table that finds it: `open/`, `open.ts`, `closed/`, `closed.ts`. */
export function renderValidators(name: string, { contracts }: Project): Files {
  const files = new Map<string, string>();
  for (const openness of ["open", "closed"] as const) {
    for (const { type, majors } of contracts)
      for (const major of majors)
        files.set(`${openness}/${moduleName(type, major.major)}.ts`, renderValidator(name, major, openness));
    files.set(`${openness}.ts`, renderTable(name, contracts, openness));
  }
  return files;
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
  const rowsOf = (type: string) =>
    modules.flatMap((module, index) => (module.type === type ? [`row${index}`] : [])).join(", ");
  return { imports: imports.join("\n"), rowsOf };
}

interface RowImports {
  readonly imports: string;
  readonly rowsOf: (type: string) => string;
}
