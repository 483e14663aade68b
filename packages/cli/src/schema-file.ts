import { resolve } from "node:path";
import { readSchemaFile } from "@hooks/codegen";
import type { Io } from "./command.ts";
import { misuse } from "./failure.ts";
import { readText } from "./files.ts";

/** A schema with everything it refers to inside. */
export type BundledSchema = Awaited<ReturnType<typeof readSchemaFile>>;

/** Reads a schema file and bundles it. Throws `Failure` or `ContractsError` with what is wrong with it. */
export async function readSchema(file: string, io: Io): Promise<BundledSchema> {
  if (file === "-") throw misuse("A schema is read from a file, for its references are relative to it.");
  // Says it in the words of the caller, before the engine names the file relative to its folder.
  await readText(file, io);
  return readSchemaFile(resolve(io.folder, file));
}
