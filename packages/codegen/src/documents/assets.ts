import { readdir, readFile } from "node:fs/promises";
import type { Files } from "../render/files.ts";

const folder = new URL("../../src/documents/assets/", import.meta.url);

/** Reads the style, script and icon of the catalogue site. */
export async function readSiteAssets(): Promise<Files> {
  const names = (await readdir(folder)).toSorted();
  const files = names.map(async (name) => [name, await readFile(new URL(name, folder), "utf8")] as const);
  return new Map(await Promise.all(files));
}
