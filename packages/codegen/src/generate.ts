import { readdir, readFile } from "node:fs/promises";
import { generatedMark, type Files } from "./render/files.ts";
import { render, renderWholePackage } from "./render/render.ts";
import { replaceFolder } from "./replace-folder.ts";
import { readSources } from "./sources.ts";

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
  const files = await (options.package === true ? renderWholePackage(input) : render(input));
  await replaceFolder({ out, files, mark: { file: "index.ts", text: generatedMark } });
  return files;
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
