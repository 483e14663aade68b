import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ContractsError, type Problem } from "./problem.ts";
import { generatedMark, type Files } from "./render/files.ts";
import { render } from "./render/render.ts";
import { readSources } from "./sources.ts";

export interface GenerateOptions {
  /** Folder of schemas. */
  readonly schemas: string;
  /** Folder to write to. It is replaced: nothing else may be kept in it. */
  readonly out: string;
  /** Package name; by default that of `hooks.schemas.json`. */
  readonly name?: string | undefined;
}

/** The code every generated package shares is the code this package itself runs. */
const runtimeFolder = new URL("../src/runtime/", import.meta.url);

/**
 * Writes a contracts package, and returns the files it wrote. Before it writes anything it throws `ContractsError`:
 * when the schemas are not right, and when `out` holds something that was not generated.
 */
export async function generate({ schemas, out, name }: GenerateOptions): Promise<Files> {
  const files = await renderFolder(schemas, name);
  await removeGenerated(out);
  for (const [file, text] of files) {
    await mkdir(dirname(join(out, file)), { recursive: true });
    await writeFile(join(out, file), text);
  }
  return files;
}

async function removeGenerated(out: string): Promise<void> {
  const names = await readdir(out).catch(() => []);
  const index = await readFile(join(out, "index.ts"), "utf8").catch(() => "");
  if (names.length > 0 && !index.startsWith(generatedMark)) throw new ContractsError([inUse(out)]);
  await rm(out, { recursive: true, force: true });
}

function inUse(out: string): Problem {
  const message = "It holds files that were not generated, and would lose them: choose another folder.";
  return { code: "folder_in_use", file: out, pointer: "", message };
}

/** Renders a folder of schemas without writing anything: to compare with what is there. */
export async function renderFolder(schemas: string, name?: string): Promise<Files> {
  return render({ sources: await readSources(schemas), runtime: await readRuntime(), name });
}

/** Reads the code every generated package shares. */
export async function readRuntime(): Promise<Files> {
  const names = (await readdir(runtimeFolder)).filter((name) => !name.endsWith(".test.ts")).toSorted();
  const texts = names.map(
    async (name) => [name, await readFile(new URL(name, runtimeFolder), "utf8")] as const,
  );
  return new Map(await Promise.all(texts));
}
