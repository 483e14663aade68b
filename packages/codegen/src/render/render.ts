import type { Contract, Project } from "../project.ts";
import { ContractsError } from "../problem.ts";
import { readProject } from "../read-project.ts";
import type { Sources } from "../sources.ts";
import { contractInfo } from "./catalog.ts";
import { renderEvents } from "./events.ts";
import { formatJson, header, type Files } from "./files.ts";
import { renderFixtures } from "./fixtures.ts";
import { renderMigrations } from "./migrations.ts";
import { renderSurfaces } from "./surfaces.ts";
import { renderTypes } from "./types.ts";
import { renderValidators } from "./validators.ts";

export interface RenderInput {
  readonly sources: Sources;
  /** The code every generated package shares, by file name (`readRuntime`). */
  readonly runtime: Files;
  /** Package name; by default that of `hooks.schemas.json`. */
  readonly name?: string | undefined;
}

/**
 * Makes a contracts package of a folder of schemas: the same files, in the same order, for the same sources.
 * Throws `ContractsError` with every problem of the sources.
 */
export async function render({ sources, runtime, name }: RenderInput): Promise<Files> {
  const read = readProject(sources);
  if (!read.ok) throw new ContractsError(read.problems);
  const { project } = read;
  const title = name ?? project.config.package;
  const files = new Map([
    ...renderSurfaces(title, project),
    ["types.ts", await renderTypes(title, project)] as const,
    ...renderValidators(title, project),
    ...renderEvents(title, project),
    ...renderFixtures(title, project),
    ...renderMigrations(title, project),
    ...renderCatalog(project),
    ...[...runtime].map(([file, text]) => [`runtime/${file}`, header(title) + text] as const),
  ]);
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function renderCatalog({ contracts }: Project): Files {
  const catalog = Object.fromEntries(contracts.map((contract) => [contract.type, contractInfo(contract)]));
  return new Map([["catalog.json", formatJson(catalog)], ...contracts.flatMap(renderSchemas)]);
}

function renderSchemas({ type, versions }: Contract): readonly (readonly [string, string])[] {
  return versions.map(({ version, schema }) => [
    `schemas/${type}/${version}.json`,
    formatJson({ $schema: "https://json-schema.org/draft/2020-12/schema", ...schema }),
  ]);
}
