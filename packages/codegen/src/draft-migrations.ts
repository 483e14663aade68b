import { compareContracts } from "./diff/compare.ts";
import { draftMark, missingMigrations, type MajorPair } from "./lint/migrations.ts";
import { ContractsError } from "./problem.ts";
import type { Contract, Major } from "./project.ts";
import { examineProject } from "./read-project.ts";
import type { Files } from "./render/files.ts";
import { dataTypeName } from "./render/type-names.ts";
import { renderDataTypes } from "./render/types.ts";
import type { Sources } from "./sources.ts";

/**
 * Drafts every migration that a folder of schemas lacks, by path: both types, what changed between them, and `down` and
 * `up` to be written, until when `readProject` refuses the file. Pure. Throws `ContractsError` with whatever else is
 * wrong with the schemas.
 */
export async function draftMigrations(sources: Sources): Promise<Files> {
  const { project, problems } = examineProject(sources);
  const others = problems.filter(({ code }) => code !== "missing_migration" && code !== "draft_migration");
  if (project === undefined || others.length > 0) throw new ContractsError(others);
  const drafts = project.contracts.flatMap((contract) =>
    missingMigrations(contract).map(async (pair): Promise<readonly [string, string]> => {
      const [newer, older] = pair;
      return [`${contract.type}/migrations/v${newer.major}-v${older.major}.ts`, await draft(contract, pair)];
    }),
  );
  return new Map(await Promise.all(drafts));
}

async function draft(contract: Contract, pair: MajorPair): Promise<string> {
  const [newer, older] = pair;
  const { type } = contract;
  const typeOf = ({ major }: Major) => dataTypeName(contract, major);
  // Of the other majors no types are wanted, but there are several, so the names are those of the package.
  const types = await renderDataTypes([{ ...contract, majors: pair }]);
  const changes = compareContracts(older.schema, newer.schema).changes.map(
    ({ pointer, message }) =>
      ` * - ${pointer === "" ? "" : `${pointer}: `}${message.replaceAll("*/", "* /")}`,
  );
  return `/*
 * Draft of the way between version ${older.major} and ${newer.major} of ${type}. What changed:
${changes.join("\n")}
 *
 * The types below are those of today. Once the package is generated, import them from it instead:
 * \`import type { ${typeOf(older)}, ${typeOf(newer)} } from …\`.
 */

${types.trim().replaceAll(/^export /gm, "")}

/** What an endpoint that is pinned to version ${older.major} gets. Leave out what it does not know. */
export function down(data: ${typeOf(newer)}): ${typeOf(older)} {
  ${draftMark};
}

/** What version ${older.major} said, as version ${newer.major} says it. Leave out what it cannot know, or say what was so until now. */
export function up(data: ${typeOf(older)}): ${typeOf(newer)} {
  ${draftMark};
}
`;
}
