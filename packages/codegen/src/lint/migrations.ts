import type { Problem } from "../problem.ts";
import type { Contract, Major, MigrationFile } from "../project.ts";

/** Stands in a converter that nobody has written yet. */
export const draftMark = 'throw new Error("Not written yet.")';

/** Two neighbouring majors. */
export type MajorPair = readonly [newer: Major, older: Major];

type Migrated = Pick<Contract, "majors" | "migrations">;

/** Checks that a finished converter leads between any two neighbouring majors, and none elsewhere. */
export function lintMigrations(contract: Migrated): readonly Problem[] {
  const { migrations } = contract;
  const pairs = pairsOf(contract);
  return [
    ...missingMigrations(contract).map(([newer, older]) => {
      const name = `migrations/v${newer.major}-v${older.major}.ts`;
      const message = `Version ${newer.major} needs ${name} with down and up; \`hooks contracts migration\` drafts it.`;
      return { code: "missing_migration", file: newer.file, pointer: "", message };
    }),
    ...migrations
      .filter((migration) => !pairs.some((pair) => isBetween(pair, migration)))
      .map(({ file }) => {
        const message = "A migration leads from a major to the one before it; this one does not.";
        return { code: "unknown_migration", file, pointer: "", message };
      }),
    ...migrations
      .filter(({ text }) => text.includes(draftMark))
      .map(({ file }) => {
        const message = "This is still a draft: down and up are to be written.";
        return { code: "draft_migration", file, pointer: "", message };
      }),
  ];
}

/** Neighbouring majors that nothing leads between. */
export function missingMigrations(contract: Migrated): readonly MajorPair[] {
  return pairsOf(contract).filter((pair) => !contract.migrations.some((one) => isBetween(pair, one)));
}

function pairsOf({ majors }: Migrated): readonly MajorPair[] {
  return majors.slice(1).flatMap((older, index): readonly MajorPair[] => {
    const newer = majors[index];
    return newer === undefined ? [] : [[newer, older]];
  });
}

function isBetween([newer, older]: MajorPair, { from, to }: MigrationFile): boolean {
  return from === newer.major && to === older.major;
}
