import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { refusal, type ContractsError } from "./problem.ts";
import { isAbandoned, processMark } from "./process-mark.ts";
import type { Files } from "./render/files.ts";

export interface ReplaceFolderOptions {
  /** Folder to write to, replaced as a whole. */
  readonly out: string;
  readonly files: Files;
  /** A file of the folder that shows by a mark in its text that the folder was generated. */
  readonly mark: { readonly file: string; readonly text: string };
}

/**
 * Puts generated files in the place of a folder that is empty, missing, or was generated before. They are written
 * beside it first, so that a fault on the way leaves what was there; what a killed process has left beside it is taken
 * away by the next. Throws `ContractsError` when it holds anything else.
 */
export async function replaceFolder({ out, files, mark }: ReplaceFolderOptions): Promise<void> {
  const folder = resolve(out);
  await restoreFolder(folder);
  const isThere = await isGenerated(folder, mark);
  await mkdir(dirname(folder), { recursive: true });
  const workplace = await mkdtemp(join(dirname(folder), `${prefixFor(folder)}${processMark}-`));
  try {
    const [fresh, stale] = [join(workplace, "new"), join(workplace, "old")];
    await mkdir(fresh);
    for (const [file, text] of files) {
      await mkdir(dirname(join(fresh, file)), { recursive: true });
      await writeFile(join(fresh, file), text);
    }
    if (isThere) await rename(folder, stale);
    await rename(fresh, folder).catch(async (error: unknown) => {
      if (isThere) await rename(stale, folder);
      throw error;
    });
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
  await removeAbandoned(folder);
}

/** Puts back a folder that a killed process had moved aside and not replaced yet. */
export async function restoreFolder(out: string): Promise<void> {
  const folder = resolve(out);
  for (const workplace of await findAbandoned(folder)) {
    // Where the folder is there, or nothing was moved aside, the rename fails and there is nothing to restore.
    await rename(join(workplace, "old"), folder).catch(() => undefined);
  }
}

function prefixFor(folder: string): string {
  return `.${basename(folder)}-`;
}

/** Takes away where processes worked that are no more. That they were killed is no reason to fail now. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const workplace of await findAbandoned(folder))
    await rm(workplace, { recursive: true, force: true }).catch(() => undefined);
}

async function findAbandoned(folder: string): Promise<readonly string[]> {
  const prefix = prefixFor(folder);
  const names = await readdir(dirname(folder)).catch(() => []);
  return names
    .filter((name) => {
      const rest = name.startsWith(prefix) ? name.slice(prefix.length) : "";
      const [, mark = ""] = /^([0-9a-f]{8}-\d+)-[A-Za-z0-9]{6}$/.exec(rest) ?? [];
      return isAbandoned(mark);
    })
    .map((name) => join(dirname(folder), name));
}

async function isGenerated(folder: string, mark: ReplaceFolderOptions["mark"]): Promise<boolean> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw inUse(folder);
  });
  if (names === undefined) return false;
  const text = await readFile(join(folder, mark.file), "utf8").catch(() => "");
  if (names.length > 0 && !text.includes(mark.text)) throw inUse(folder);
  return true;
}

function inUse(folder: string): ContractsError {
  const message = "It holds files that were not generated, and would lose them: choose another folder.";
  return refusal({ code: "folder_in_use", file: folder, message });
}
