import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ContractsError } from "./problem.ts";

/** The files of a folder of schemas: relative path (with `/`) to text. */
export type Sources = ReadonlyMap<string, string>;

/** A folder of schemas is read whole into memory, so it is bounded. */
const maxFiles = 5_000;
const maxFileBytes = 1_000_000;

/**
 * Reads every `.json` and `.ts` file of a folder of schemas, sorted by path. Symbolic links are not followed.
 * Throws `ContractsError` when the folder cannot be read or is beyond its limits.
 */
export async function readSources(folder: string): Promise<Sources> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() =>
    refuse("", "unreadable_folder", "The folder of schemas cannot be read."),
  );
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(?:json|ts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted();
  if (paths.length > maxFiles) refuse("", "too_many_files", `There are more than ${maxFiles} files.`);
  const sources = new Map<string, string>();
  for (const path of paths) sources.set(path, await readText(folder, path));
  return sources;
}

async function readText(folder: string, path: string): Promise<string> {
  const file = join(folder, path);
  if ((await stat(file)).size > maxFileBytes)
    refuse(path, "file_too_large", `The file is larger than ${maxFileBytes} bytes.`);
  return readFile(file, "utf8");
}

function refuse(file: string, code: string, message: string): never {
  throw new ContractsError([{ code, file, pointer: "", message }]);
}
