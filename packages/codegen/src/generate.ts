import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isObject, type JsonObject } from "./json.ts";
import { refusal } from "./problem.ts";
import { readJson } from "./read-json.ts";
import { generatedMark, type Files } from "./render/files.ts";
import { render, renderWholePackage, type RenderInput } from "./render/render.ts";
import { replaceFolder, restoreFolder } from "./replace-folder.ts";
import { readSources } from "./read-sources.ts";

export interface GenerateOptions {
  /** Folder of schemas. */
  readonly schemas: string;
  /** Folder to write to. It is replaced: nothing else may be kept in it. */
  readonly out: string;
  /** Package name; by default that of `hooks.schemas.json`. */
  readonly name?: string | undefined;
  /**
   * Whether to make a package that can be installed and published as it is: beside the TypeScript sources, compiled
   * code, `package.json`, `tsconfig.json` and a README. By default only the sources, to be compiled with your own.
   * The version in a `package.json` that is there already stays, and so do members that generating does not write, such
   * as `license`, and the files CHANGELOG.md and LICENSE; the first version is 0.0.0.
   */
  readonly package?: boolean | undefined;
}

/** The code every generated package shares is the code this package itself runs. */
const runtimeFolder = new URL("../src/runtime/", import.meta.url);

/**
 * Writes a contracts package, and returns the files it wrote. Before it writes anything it throws `ContractsError`:
 * when the schemas are not right, and when `out` holds something that was not generated.
 */
export async function generate(options: GenerateOptions): Promise<Files> {
  const { schemas, out, name } = options;
  const input = { sources: await readSources(schemas), runtime: await readRuntime(), name };
  const files = await (options.package === true ? wholePackage(input, out) : render(input));
  await replaceFolder({ out, files, mark: { file: "index.ts", text: generatedMark } });
  return files;
}

async function wholePackage(input: RenderInput, out: string): Promise<Files> {
  await restoreFolder(out);
  const files = await renderWholePackage({ ...input, manifest: await readManifest(out) });
  return new Map([...files, ...(await readOwnFiles(out))]);
}

/** What the owner of a package puts beside what is generated. */
const ownFiles = ["CHANGELOG.md", "LICENSE"];

async function readOwnFiles(out: string): Promise<Files> {
  const texts = await Promise.all(ownFiles.map((name) => readIfThere(join(out, name))));
  return new Map(
    ownFiles.flatMap((name, index) => (texts[index] === undefined ? [] : [[name, texts[index]]])),
  );
}

async function readManifest(out: string): Promise<JsonObject | undefined> {
  const file = join(out, "package.json");
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const read = readJson(file, text);
  if (!read.ok) throw refusal(read.problem);
  return isObject(read.value) ? read.value : undefined;
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
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
