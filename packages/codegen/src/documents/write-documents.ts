import type { Files } from "../render/files.ts";
import { ContractsError } from "../problem.ts";
import { readProject } from "../read-project.ts";
import { replaceFolder } from "../replace-folder.ts";
import { readSources } from "../read-sources.ts";
import { readSiteAssets } from "./assets.ts";
import { catalogOfProject } from "./catalog.ts";
import { renderDocuments } from "./pages.ts";
import { paths } from "./paths.ts";
import { generatorMark } from "./site/layout.ts";

export interface WriteDocumentsOptions {
  /** Folder of schemas. */
  readonly schemas: string;
  /** Folder to write to. It is replaced: nothing else may be kept in it. */
  readonly out: string;
  /** Where the site will stand, for the links of `llms.txt`; relative links otherwise. */
  readonly baseUrl?: string | undefined;
}

/**
 * Writes the documents of a folder of schemas, and returns them. Throws `ContractsError` before it writes anything:
 * when the schemas are not right, and when `out` holds something that was not generated.
 */
export async function writeDocuments({ schemas, out, baseUrl }: WriteDocumentsOptions): Promise<Files> {
  const read = readProject(await readSources(schemas));
  if (!read.ok) throw new ContractsError(read.problems);
  const files = renderDocuments({
    catalog: catalogOfProject(read.project),
    assets: await readSiteAssets(),
    baseUrl,
  });
  await replaceFolder({ out, files, mark: { file: paths.index, text: generatorMark } });
  return files;
}
