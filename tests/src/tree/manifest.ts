import type { SourceFile, Workspace } from "./source-file.ts";

/** What is missing in package.json files. */
export function faultsOfManifests(
  workspaces: readonly Workspace[],
  paths: readonly string[],
): readonly string[] {
  return workspaces.flatMap(({ folder, manifest }) => {
    const { name, license, engines, type, files, exports, description, version } = manifest;
    const isPublic = manifest.private !== true;
    const rules: Readonly<Record<string, boolean>> = {
      "needs a name in @hooks": name?.startsWith("@hooks/") === true,
      "needs a version": /^\d+\.\d+\.\d+/.test(version ?? ""),
      "needs a description": (description ?? "") !== "",
      "needs the licence Apache-2.0": license === "Apache-2.0",
      "needs engines.node": /^>=\d/.test(engines?.node ?? ""),
      "needs type module": type === "module",
      "needs files": !isPublic || (files ?? []).length > 0,
      "needs exports": !isPublic || Object.keys(exports ?? {}).includes("."),
      "needs a README": !isPublic || paths.includes(`${folder}/README.md`),
    };
    return Object.entries(rules).flatMap(([rule, holds]) =>
      holds ? [] : [`${folder}/package.json ${rule}`],
    );
  });
}

/** Public packages that were never released and have no changeset, and changesets of packages that are none. */
export function faultsOfChangesets(
  workspaces: readonly Workspace[],
  files: readonly SourceFile[],
): readonly string[] {
  const publicNames = new Map(
    workspaces
      .filter(({ manifest }) => manifest.private !== true)
      .map(({ manifest: { name = "", version = "" } }) => [name, version] as const),
  );
  const mentioned = files
    .filter(({ path }) => /^\.changeset\/[^/]+\.md$/.test(path) && !path.endsWith("README.md"))
    .flatMap(({ path, text }) => namesIn(text).map((name) => ({ path, name })));
  const missing = [...publicNames].filter(
    ([name, version]) => version === "0.0.0" && !mentioned.some((one) => one.name === name),
  );
  const wrong = mentioned.filter(({ name }) => !publicNames.has(name));
  return [
    ...missing.map(([name]) => `${name} has no changeset for its first release`),
    ...wrong.map(({ path, name }) => `${path} is about ${name}, which is not a public package`),
  ];
}

/** The packages of a changeset: the keys of its front matter. */
function namesIn(text: string): readonly string[] {
  const front = /^---\n([^]*?)\n---/.exec(text)?.[1] ?? "";
  return Array.from(front.matchAll(/^["']?([^"':\s]+)["']?:/gm), ([, name = ""]) => name);
}
