import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { refusal } from "./problem.ts";
import { readJournal } from "./release/journal.ts";

/** The files of a folder of schemas: relative path (with `/`) to text. */
export type Sources = ReadonlyMap<string, string>;

/** A folder of schemas is read whole into memory, so it is bounded. */
export const maxFiles = 5_000;
export const maxFileBytes = 5_000_000;
export const maxBytes = 100_000_000;

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
  let size = 0;
  for (const path of paths) {
    const text = await readText(join(folder, path), path);
    size += text.length;
    if (size > maxBytes) refuse("", "folder_too_large", `The files come to more than ${maxBytes} bytes.`);
    sources.set(path, text);
  }
  const unfinished = await readJournal(folder);
  if (unfinished.size === 0) return sources;
  return new Map([...sources, ...unfinished].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Reads a file of schemas as UTF-8; `name` is what problems call it. Throws `ContractsError` when it cannot be read,
 * is larger than 5 MB, or is not UTF-8.
 */
export async function readText(path: string, name: string): Promise<string> {
  const found = await stat(path).catch(() => refuse(name, "unreadable_file", "The file cannot be read."));
  if (!found.isFile()) refuse(name, "unreadable_file", "It is not a file.");
  if (found.size > maxFileBytes)
    refuse(name, "file_too_large", `The file is larger than ${maxFileBytes} bytes.`);
  const bytes = await readFile(path).catch(() => refuse(name, "unreadable_file", "The file cannot be read."));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse(name, "invalid_encoding", `The file is not UTF-8 (${firstFault(bytes)}).`);
  }
}

/** Line and column of the first byte that is not UTF-8. */
function firstFault(bytes: Uint8Array): string {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isPrefixOfUtf8(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, low));
  return `line ${before.split("\n").length}, column ${before.length - before.lastIndexOf("\n")}`;
}

function isPrefixOfUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function refuse(file: string, code: string, message: string): never {
  throw refusal({ code, file, message });
}
