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
  const modules = contracts.flatMap(({ type, majors }) => majors.map(({ major }) => ({ type, major })));
  const imports = modules.map(
    ({ type, major }, index) =>
      `import { row as row${index} } from "./${openness}/${moduleName(type, major)}.ts";`,
  );
  const entries = contracts.map(({ type }) => {
    const rows = modules.flatMap((module, index) => (module.type === type ? [`row${index}`] : []));
    return `  [${JSON.stringify(type)}, [${rows.join(", ")}]],`;
  });
  return `${header(name)}import type { Table } from "./runtime/row.ts";
${imports.join("\n")}

export const table: Table = /* @__PURE__ */ new Map([
${entries.join("\n")}
] as const);
`;
}
