import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { refusal } from "./problem.ts";
import { readText } from "./read-text.ts";
import { readJournal } from "./release/journal.ts";
import { maxBytes, maxFiles, type Sources } from "./sources.ts";

/**
 * Reads every `.json` and `.ts` file of a folder of schemas, sorted by path. Symbolic links are not followed.
 * Throws `ContractsError` when the folder cannot be read or is beyond its limits.
 */
export async function readSources(folder: string): Promise<Sources> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw refusal({ code: "unreadable_folder", file: "", message: "The folder of schemas cannot be read." });
  });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(?:json|ts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted();
  if (paths.length > maxFiles)
    throw refusal({ code: "too_many_files", file: "", message: `There are more than ${maxFiles} files.` });
  const sources = new Map<string, string>();
  let size = 0;
  for (const path of paths) {
    const text = await readText(join(folder, path), path);
    size += text.length;
    if (size > maxBytes)
      throw refusal({
        code: "folder_too_large",
        file: "",
        message: `The files come to more than ${maxBytes} bytes.`,
      });
    sources.set(path, text);
  }
  const unfinished = await readJournal(folder);
  if (unfinished.size === 0) return sources;
  return new Map([...sources, ...unfinished].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
