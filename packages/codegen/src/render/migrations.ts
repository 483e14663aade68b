import type { Project } from "../project.ts";
import { header, type Files } from "./files.ts";
import { dataTypeName } from "./type-names.ts";

/** The converters as they were written, reading the generated types, and `migrations.ts`, which finds them. */
export function renderMigrations(name: string, { contracts }: Project): Files {
  const all = contracts.flatMap((contract) =>
    contract.migrations.map((migration) => ({
      type: contract.type,
      ...migration,
      newer: dataTypeName(contract, migration.from),
      older: dataTypeName(contract, migration.to),
    })),
  );
  const files = new Map<string, string>();
  for (const { type, from, to, text } of all)
    files.set(`migrations/${type}.v${from}-v${to}.ts`, header(name) + withGeneratedTypes(text));
  const imports = all.map(
    ({ type, from, to }, index) =>
      `import * as migration${index} from "./migrations/${type}.v${from}-v${to}.ts";`,
  );
  const rows = all.map(({ type, from, to, newer, older }, index) =>
    [
      "  {",
      `    type: ${JSON.stringify(type)},`,
      `    from: ${from},`,
      `    to: ${to},`,
      `    down: migration${index}.down satisfies (data: ${newer}) => ${older},`,
      `    up: migration${index}.up satisfies (data: ${older}) => ${newer},`,
      "  },",
    ].join("\n"),
  );
  const types = [...new Set(all.flatMap(({ newer, older }) => [newer, older]))].toSorted();
  files.set(
    "migrations.ts",
    `${header(name)}import { createMigrate, type MigrateOptions, type Migrated, type Migration } from "./runtime/migrate.ts";
${types.length === 0 ? "" : `import type { ${types.join(", ")} } from "./types.ts";\n`}${imports.join("\n")}

/** Every converter there is, each between two neighbouring majors. */
export const migrations: readonly Migration[] = [
${rows.join("\n")}
];

/**
 * Converts \`data\` along the chain of majors, newer or older. It looks at no contract: \`ok\` says that there is a
 * converter for every step. Of valid data they make valid data; of anything else they make something else, or throw, so
 * validate first what comes from elsewhere.
 */
export const migrate: (options: MigrateOptions) => Migrated = /* @__PURE__ */ createMigrate(migrations);
`,
  );
  return files;
}

/** Wherever a converter takes its types from while it is written, in the package they stand one folder up. */
function withGeneratedTypes(text: string): string {
  return text.replaceAll(/^(import type [^;]*? from )"[^"]+"/gm, '$1"../types.ts"');
}
