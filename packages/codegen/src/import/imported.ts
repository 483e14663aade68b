import type { Json } from "../json.ts";
import type { Documents } from "../normalise/references.ts";
import type { Problem } from "../problem.ts";
import type { Sources } from "../sources.ts";

/** What an importer makes of a document: the files of a folder of schemas, and what was lost on the way. */
export interface Imported {
  readonly sources: Sources;
  /** What the source said and a contract cannot, each with its place in the source or in the new folder. */
  readonly warnings: readonly Problem[];
}

export interface ImportOptions {
  /** Name of the package that will be generated. */
  readonly package: string;
  /** `source` of the events. */
  readonly source: string;
  /** What the document is called in problems; without a better name, also that of its only event. */
  readonly file?: string | undefined;
}

/** The document an importer reads, which is one file as far as references are concerned. */
export interface Source {
  readonly file: string;
  readonly document: Json;
  readonly documents: Documents;
}

export function createSource(path: string, document: Json): Source {
  const file = path.replaceAll("\\", "/");
  return { file, document, documents: new Map([[file, document]]) };
}
