import { isBaselineName, type ReadCheckInputOptions } from "@hooks/codegen";
import type { Io } from "./command.ts";
import { misuse } from "./failure.ts";
import { findSchemas } from "./schemas-folder.ts";

/** The option of what was released before, elsewhere than in the folder of schemas. */
export const againstOption = {
  type: "string",
  value: "BASELINE",
  summary: "git:REF, npm:PACKAGE@VERSION or dir:DIR, besides the folder's own releases",
} as const;

interface Given {
  readonly schemas: string;
  readonly against?: string | undefined;
}

/** Where to read what a check is about. Throws `Failure` for a baseline or folder that cannot be meant. */
export async function checkOptions({ schemas, against }: Given, io: Io): Promise<ReadCheckInputOptions> {
  if (against !== undefined && !isBaselineName(against))
    throw misuse(`--against takes git:REF, npm:PACKAGE@VERSION or dir:DIR, not ${JSON.stringify(against)}.`);
  return { schemas: await findSchemas(schemas, io), against, folder: io.folder, now: new Date() };
}
