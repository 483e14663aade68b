import type { Project } from "../project.ts";
import { header, type Files } from "./files.ts";

/** The converters as they were written, reading the generated types, and `migrations.ts`, which finds them. */
export function renderMigrations(name: string, { contracts }: Project): Files {
  const all = contracts.flatMap(({ type, migrations }) =>
    migrations.map((migration) => ({ type, ...migration })),
  );
  const files = new Map<string, string>();
  for (const { type, from, to, text } of all)
    files.set(`migrations/${type}.v${from}-v${to}.ts`, header(name) + withGeneratedTypes(text));
  const imports = all.map(
    ({ type, from, to }, index) =>
      `import * as migration${index} from "./migrations/${type}.v${from}-v${to}.ts";`,
  );
  const rows = all.map(
    ({ type, from, to }, index) =>
      `  { type: ${JSON.stringify(type)}, from: ${from}, to: ${to}, ...migration${index} },`,
  );
  files.set(
    "migrations.ts",
    `${header(name)}import { createMigrate, type MigrateOptions, type Migrated, type Migration } from "./runtime/migrate.ts";
${imports.join("\n")}

/** Every converter there is, each between two neighbouring majors. */
export const migrations: readonly Migration[] = [
${rows.join("\n")}
];

/** Converts \`data\` along the chain of majors, newer or older. */
export const migrate: (options: MigrateOptions) => Migrated = /* @__PURE__ */ createMigrate(migrations);
`,
  );
  return files;
}

/** Wherever a converter takes its types from while it is written, in the package they stand one folder up. */
function withGeneratedTypes(text: string): string {
  return text.replaceAll(/^(import type [^;]*? from )"[^"]+"/gm, '$1"../types.ts"');
}
