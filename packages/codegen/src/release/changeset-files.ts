import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Files } from "../render/files.ts";
import type { ChangesetPlan } from "./changeset-plan.ts";
import { changesetFolder } from "./changesets.ts";

/**
 * The folder that holds `.changeset`, looked for from a folder of schemas upwards to the root of its repository.
 * `undefined` where the project has none.
 */
export async function findChangesetRoot(schemas: string): Promise<string | undefined> {
  for (let folder = resolve(schemas); ; folder = dirname(folder)) {
    if (await isThere(join(folder, changesetFolder))) return folder;
    if ((await isThere(join(folder, ".git"))) || dirname(folder) === folder) return undefined;
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** The changesets below a root, by path from there. */
export async function readChangesets(root: string): Promise<Files> {
  const names = (await readdir(join(root, changesetFolder))).filter(
    (name) => name.endsWith(".md") && name.toLowerCase() !== "readme.md",
  );
  const files = names.toSorted().map((name) => `${changesetFolder}/${name}`);
  const texts = files.map(async (file) => [file, await readFile(join(root, file), "utf8")] as const);
  return new Map(await Promise.all(texts));
}

/** Does what a plan says: what is new first, so that a failure leaves too much rather than too little. */
export async function applyChangesets(root: string, { write, remove }: ChangesetPlan): Promise<void> {
  await mkdir(join(root, changesetFolder), { recursive: true });
  for (const [file, text] of write) await writeFile(join(root, file), text);
  for (const file of remove) await rm(join(root, file), { force: true });
}
