import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Json } from "../json.ts";
import { ContractsError, type Problem } from "../problem.ts";
import { readSources } from "../read-sources.ts";
import {
  baselineOfPackage,
  baselineOfSources,
  unreadable,
  unreadableCode,
  type Baseline,
} from "./baseline.ts";
import { readGitSources } from "./baseline/git.ts";
import { catalogPath, readNpmPackage } from "./baseline/npm.ts";

export interface LoadBaselineOptions {
  /** `git:REF`, `npm:PACKAGE@VERSION` or `dir:DIR`. */
  readonly against: string;
  /** The folder of schemas; `git:` reads the same folder at another commit. */
  readonly schemas: string;
  /** Where relative paths start, and where npm looks for its configuration. */
  readonly folder: string;
}

/** Whether something names a baseline at all. */
export function isBaselineName(against: string): boolean {
  return /^(?:git|npm|dir):./.test(against);
}

/**
 * Loads what was released before. A `dir:` is a folder of schemas or an unpacked contracts package. Throws
 * `ContractsError` with the code `unreadable_baseline` when it cannot be had.
 */
export async function loadBaseline({ against, schemas, folder }: LoadBaselineOptions): Promise<Baseline> {
  const [, kind, rest = ""] = /^(git|npm|dir):(.+)$/s.exec(against) ?? [];
  if (kind === "git") return baselineOfSources(against, await readGitSources(rest, schemas));
  if (kind === "npm") return baselineOfPackage(await readNpmPackage(rest, folder));
  if (kind === "dir") return readFolder(against, resolve(folder, rest));
  throw unreadable(against, "A baseline is git:REF, npm:PACKAGE@VERSION or dir:DIR.");
}

async function readFolder(name: string, folder: string): Promise<Baseline> {
  const manifest = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
  try {
    if (manifest === undefined) return baselineOfSources(name, await readSources(folder));
    const catalog = await readFile(join(folder, catalogPath(manifest)), "utf8");
    return baselineOfPackage({ name, catalog: JSON.parse(catalog) as Json });
  } catch (error) {
    if (error instanceof ContractsError)
      throw error.problems.every(isAboutBaseline) ? error : unreadable(name, error.problems);
    throw unreadable(name, `It has a package.json but no catalog.json that can be read: ${String(error)}.`);
  }
}

function isAboutBaseline({ code }: Problem): boolean {
  return code === unreadableCode;
}
