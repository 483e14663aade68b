import { draftMigrations } from "@hooks/codegen";
import { defineCommand, exitCode } from "../../command.ts";
import { findSchemas, readSchemas, schemasOption } from "../../schemas-folder.ts";
import { writeNew } from "../../write-new.ts";

export const command = defineCommand({
  positionals: [],
  options: { schemas: schemasOption },
  details:
    "Where a contract has a new major and no way to the one before, writes migrations/v2-v1.ts: the types of both, what\n" +
    "changed, and down and up to be written by you. Until they are, lint and generate refuse the file.",
  run: async ({ options }, io) => {
    const drafts = await draftMigrations(await readSchemas(options.schemas, io));
    await writeNew(await findSchemas(options.schemas, io), drafts);
    for (const file of drafts.keys()) io.print(`${options.schemas}/${file}\n`);
    if (drafts.size === 0) io.print("No migration is missing.\n");
    return exitCode.fine;
  },
});
