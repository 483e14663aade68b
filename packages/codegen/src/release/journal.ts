import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isObject } from "../json.ts";
import { ContractsError } from "../problem.ts";
import type { Files } from "../render/files.ts";
import type { Sources } from "../sources.ts";

/**
 * Stands in a folder of schemas from the moment a release counts until all its files are in their places. Whoever
 * reads the folder reads the journal over it, so that there is no state in between.
 */
const journalFile = "release.journal";

/** The files of a release that was cut off; none when there was none. */
export async function readJournal(folder: string): Promise<Files> {
  const text = await readFile(join(folder, journalFile), "utf8").catch(() => undefined);
  const entries = text === undefined ? [] : Object.entries(parseJournal(text));
  const strange = entries.find(([file, content]) => typeof content !== "string" || !isInside(file));
  if (strange !== undefined) throw unreadable();
  // Each content has been seen to be text.
  return new Map(entries as readonly [string, string][]);
}

function parseJournal(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
  } catch {
    // Reported like any other text that is no journal.
  }
  throw unreadable();
}

function unreadable(): ContractsError {
  const message = "This is not what a release left behind when it was cut off: delete it.";
  return new ContractsError([{ code: "invalid_journal", file: journalFile, pointer: "", message }]);
}

/**
 * Changes several files of a folder as one: after a crash or a failure at any point, all of them are new, or all are
 * as they were (`before`).
 */
export async function writeTogether(folder: string, files: Files, before: Sources): Promise<void> {
  await replaceFile(join(folder, journalFile), JSON.stringify(Object.fromEntries(files)));
  const done: string[] = [];
  try {
    for (const [file, text] of files) {
      await replaceFile(join(folder, file), text);
      done.push(file);
    }
  } catch (error) {
    for (const file of done) await putBack(folder, file, before.get(file));
    await rm(join(folder, journalFile));
    throw error;
  }
  await rm(join(folder, journalFile));
}

/** Brings a release that was cut off to its end. */
export async function finishJournal(folder: string): Promise<void> {
  for (const [file, text] of await readJournal(folder)) await replaceFile(join(folder, file), text);
  await rm(join(folder, journalFile), { force: true });
}

async function putBack(folder: string, file: string, text: string | undefined): Promise<void> {
  if (text === undefined) await rm(join(folder, file), { force: true });
  else await replaceFile(join(folder, file), text);
}

/** Readers see the old text or the new one, also after a power cut. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.tmp`;
  try {
    const handle = await open(temporary, "w");
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

function isInside(file: string): boolean {
  return /^[\w.-]+(?:\/[\w.-]+)*\.json$/.test(file) && !file.split("/").includes("..");
}
