import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { isObject, objectAt, type Json } from "../../json.ts";
import { unreadable, type PackageContent } from "../baseline.ts";
import { runProgram } from "./process.ts";
import { readTarball } from "./tarball.ts";

/** Of the unpacked package. */
const maxBytes = 200_000_000;
const specifier = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*@[0-9A-Za-z][0-9A-Za-z.+-]*$/;

/**
 * Fetches a contracts package with the user's own npm: the registry, proxy and access it is configured with, in
 * `folder`. `spec` is `PACKAGE@VERSION` or `PACKAGE@TAG`. None of the package's code is run. Throws `ContractsError`
 * when it cannot be had.
 */
export async function readNpmPackage(spec: string, folder: string): Promise<PackageContent> {
  const name = `npm:${spec}`;
  if (!specifier.test(spec)) throw unreadable(name, "Name it as npm:PACKAGE@VERSION.");
  const to = await mkdtemp(join(tmpdir(), "hooks-baseline-"));
  try {
    const npm = platform() === "win32" ? ["cmd.exe", "/d", "/c", "npm"] : ["npm"];
    const pack = [...npm, "pack", spec, "--ignore-scripts", "--loglevel=error", "--pack-destination", to];
    const ran = await runProgram(pack, { folder, maxBytes });
    const [tarball] = await readdir(to);
    if (!ran.ok || tarball === undefined) throw unreadable(name, reasonOf(ran.stderr));
    return { name, catalog: catalogOf(name, await readFile(join(to, tarball))) };
  } finally {
    await rm(to, { recursive: true, force: true });
  }
}

function catalogOf(name: string, archive: Buffer): Json | undefined {
  try {
    const files = readTarball(archive, { maxBytes, wanted: (path) => path.endsWith(".json") });
    const text = files.get(catalogPath(files.get("package.json") ?? "{}"));
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  } catch (error) {
    throw unreadable(name, `It is no package that can be read: ${String(error)}.`);
  }
}

/** Where a package, by its manifest, has its catalogue: where it exports it, or at its root. */
export function catalogPath(manifest: string): string {
  const parsed: unknown = JSON.parse(manifest);
  const exported = isObject(parsed) ? objectAt(parsed, "exports")["./catalog.json"] : undefined;
  const path = isObject(exported) ? exported["default"] : exported;
  return typeof path === "string" ? path.replace(/^\.\//, "") : "catalog.json";
}

/** npm's code tells enough; the rest of what it says may hold addresses and names of the user's machine. */
function reasonOf(stderr: string): string {
  const code = /code (E[A-Z0-9_]+)/.exec(stderr)?.[1] ?? (stderr.includes("ENOENT") ? "ENOENT" : undefined);
  if (code === "E404" || code === "ETARGET") return `The registry has no such package or version (${code}).`;
  if (stderr.includes("spawn")) return "npm is not installed.";
  return `npm cannot fetch it${code === undefined ? "" : ` (${code})`}: is its registry reachable from here?`;
}
