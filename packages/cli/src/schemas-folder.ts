import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { readSources, type Sources } from "@hooks/codegen";
import type { Io } from "./command.ts";
import { unusable } from "./failure.ts";

/** The option every command takes that works on a folder of schemas. */
export const schemasOption = {
  type: "string",
  value: "DIR",
  summary: "The folder of schemas",
  default: "schemas",
} as const;

/** Reads a folder of schemas. Throws `Failure` when there is none, `ContractsError` when it is beyond its limits. */
export async function readSchemas(folder: string, io: Io): Promise<Sources> {
  return readSources(await findSchemas(folder, io));
}

/** The path of a folder of schemas. Throws `Failure` when there is none. */
export async function findSchemas(folder: string, io: Io): Promise<string> {
  const path = resolve(io.folder, folder);
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) return path;
  const start = status === undefined ? "; `hooks contracts init` starts one" : "";
  throw unusable(`${folder} is no folder${start}.`, {
    code: "unreadable_folder",
    file: folder,
  });
}
