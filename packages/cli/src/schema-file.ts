import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { ContractsError, readSchemaFile } from "@hooks/codegen";
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
  const path = resolve(io.folder, file);
  try {
    return await readSchemaFile(path);
  } catch (error) {
    if (!(error instanceof ContractsError)) throw error;
    // The engine names files from two folders up, and the first one, where it cannot be read, alone.
    const named = (inner: string) => {
      const full = join(dirname(dirname(path)), inner);
      if (full === path || inner === basename(path)) return file;
      return isAbsolute(file) ? full : relative(io.folder, full);
    };
    throw new ContractsError(error.problems.map((one) => ({ ...one, file: named(one.file) })));
  }
}
