import { packageName } from "../config.ts";
import { tryMigrations } from "../migrations/try-migrations.ts";
import type { Contract, Project } from "../project.ts";
import { ContractsError, refusal } from "../problem.ts";
import { readProject } from "../read-project.ts";
import { dialect } from "../schema.ts";
import type { Sources } from "../sources.ts";
import { contractInfo } from "./contract-info.ts";
import { renderEvents } from "./events.ts";
import { formatJson, header, type Files } from "./files.ts";
import { renderFixtures } from "./fixtures.ts";
import type { PackageOptions } from "./package.ts";
import { renderMigrations } from "./migrations.ts";
import { renderSurfaces } from "./surfaces.ts";
import { renderTypes } from "./types.ts";
import { usedRuntime } from "./used-runtime.ts";
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
 * Throws `ContractsError` with every problem of the sources, and of their migrations, which it runs.
 */
export async function render(input: RenderInput): Promise<Files> {
  return renderProject(await projectOf(input), input);
}

/**
 * Makes the same as `render`, compiled and with all that a package needs to be installed; `manifest` is the
 * `package.json` that is there, whose version stays. Throws alike.
 */
export async function renderWholePackage(
  input: RenderInput & Pick<PackageOptions, "manifest">,
): Promise<Files> {
  const project = await projectOf(input);
  // Loaded when it is wanted: it brings a compiler.
  const { renderPackage } = await import("./package.ts");
  const name = input.name ?? project.config.package;
  return renderPackage({ name, manifest: input.manifest }, await renderProject(project, input));
}

async function projectOf({ sources, name }: RenderInput): Promise<Project> {
  if (name !== undefined && !packageName.test(name)) {
    const message = `${JSON.stringify(name)} is no name of an npm package.`;
    throw refusal({ code: "invalid_package_name", file: "", message });
  }
  const read = readProject(sources);
  const problems = read.ok ? await tryMigrations(read.project) : read.problems;
  if (!read.ok || problems.length > 0) throw new ContractsError(problems);
  return read.project;
}

async function renderProject(project: Project, { runtime, name }: RenderInput): Promise<Files> {
  const title = name ?? project.config.package;
  const generated = new Map([
    ...renderSurfaces(title, project),
    ["types.ts", await renderTypes(title, project)] as const,
    ...renderValidators(title, project),
    ...renderEvents(title, project),
    ...renderFixtures(title, project),
    ...renderMigrations(title, project),
    ...renderCatalog(project),
  ]);
  const shared = [...usedRuntime(generated, runtime)].map(
    ([file, text]) => [`runtime/${file}`, header(title) + text] as const,
  );
  return new Map([...generated, ...shared].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function renderCatalog({ contracts }: Project): Files {
  const catalog = Object.fromEntries(contracts.map((contract) => [contract.type, contractInfo(contract)]));
  return new Map([["catalog.json", formatJson(catalog)], ...contracts.flatMap(renderSchemas)]);
}

function renderSchemas({ type, versions }: Contract): readonly (readonly [string, string])[] {
  return versions.map(({ version, schema }) => [
    `schemas/${type}/${version}.json`,
    formatJson({ $schema: dialect, ...schema }),
  ]);
}
