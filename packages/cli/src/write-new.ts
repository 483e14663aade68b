import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Files } from "@hooks/codegen";
import { Failure, unusable } from "./failure.ts";
import { count } from "./output.ts";

/** Writes all the files below a folder, or none: never over one that is there. Throws `Failure`. */
export async function writeNew(folder: string, files: Files): Promise<void> {
  await requireNew(folder, files);
  const made: string[] = [];
  try {
    for (const [file, text] of files) {
      const path = join(folder, file);
      const firstFolder = await mkdir(dirname(path), { recursive: true });
      if (firstFolder !== undefined) made.push(firstFolder);
      await writeFile(path, text, { flag: "wx" });
      made.push(path);
    }
  } catch (cause) {
    for (const path of made.toReversed()) await rm(path, { recursive: true, force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(`Nothing was written: ${reason}.`, { code: "write_failed", cause });
  }
}

/** Throws a `Failure` where one of the files is there already. */
export async function requireNew(folder: string, files: Files): Promise<void> {
  const there = await Promise.all(
    [...files.keys()].map(async (file) => ((await exists(join(folder, file))) ? [file] : [])),
  );
  const [first, ...others] = there.flat();
  if (first !== undefined) throw alreadyThere(first, others.length);
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function alreadyThere(file: string, others: number): Failure {
  const there = others === 0 ? `${file} is` : `${file} and ${count(others, "more file")} are`;
  return unusable(`${there} already there, and nothing is overwritten: nothing was written.`, {
    code: "file_exists",
    file,
  });
}
