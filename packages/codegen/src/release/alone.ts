import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refusal } from "../problem.ts";
import { isAbandoned, processMark } from "../process-mark.ts";

/** Stands in a folder of schemas while a process changes it, and says which. */
const runningFile = "release.running";

/**
 * Does something that no two processes may do in a folder at once. What a killed process has left in the way is taken
 * away. Throws `ContractsError` (`release_running`, `unwritable_folder`) when it cannot begin.
 */
export async function alone<T>(folder: string, task: () => Promise<T>): Promise<T> {
  const path = join(folder, runningFile);
  const isTaken = await take(path);
  if (!isTaken) throw isRunning();
  try {
    return await task();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  if (await create(path)) return true;
  const mark = await readFile(path, "utf8").catch(() => "");
  if (!isAbandoned(mark)) return false;
  // Of several processes that find it abandoned, the rename lets one through.
  const aside = `${path}.${processMark}`;
  const isMoved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!isMoved) return false;
  const moved = await readFile(aside, "utf8").catch(() => "");
  await rm(aside, { force: true });
  if (moved === mark) return create(path);
  // It was another's by now: give it back.
  await writeFile(path, moved, { flag: "wx" }).catch(() => undefined);
  return false;
}

/** Whether the file was not there, and now is ours. */
async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, processMark, { flag: "wx" });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    const message = `The folder of schemas cannot be written (${String(code)}).`;
    throw refusal({ code: "unwritable_folder", file: "", message });
  }
}

function isRunning() {
  const message =
    "Another release is at work in this folder: wait until it is done. If there is none, delete this file.";
  return refusal({ code: "release_running", file: runningFile, message });
}
