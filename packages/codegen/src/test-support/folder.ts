import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary folder. */
export interface Folder {
  readonly path: string;
  readonly write: (files: Iterable<readonly [string, string]>) => Promise<void>;
  /** Every file, by path. */
  readonly read: () => Promise<ReadonlyMap<string, string>>;
  readonly remove: () => Promise<void>;
}

export async function createFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "hooks-codegen-"));
  return {
    path,
    write: async (files) => {
      for (const [file, text] of files) {
        await mkdir(dirname(join(path, file)), { recursive: true });
        await writeFile(join(path, file), text);
      }
    },
    read: async () => {
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
        .toSorted();
      return new Map(
        await Promise.all(
          files.map(async (file) => [file, await readFile(join(path, file), "utf8")] as const),
        ),
      );
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
