import { posix } from "node:path";
import { importsOf, isShipped, type SourceFile, type Workspace } from "./source-file.ts";

/** Imports go from a higher layer to a lower one. What is not listed is on the level of its folder. */
const layerOfPackage: Readonly<Record<string, number>> = {
  "packages/contracts": 0,
  "packages/codegen": 0,
  "packages/signing": 0,
  "packages/retry": 0,
  "packages/egress": 0,
  "packages/http-server": 0,
  "packages/sender": 1,
  "packages/receiver": 1,
  "packages/client": 2,
  "packages/cli": 3,
  "packages/dashboard": 3,
};
const layerOfFolder: Readonly<Record<string, number>> = { apps: 4, examples: 5, benchmarks: 5, tests: 5 };

/** The packages a pure core may use. */
const pure = new Set(["@hooks/retry", "node:crypto"]);

/** What is wrong with the imports between the workspace's packages. */
export function faultsOfLayers(
  files: readonly SourceFile[],
  workspaces: readonly Workspace[],
): readonly string[] {
  return files.flatMap((file) => {
    const own = workspaces.find(({ folder }) => file.path.startsWith(`${folder}/`));
    if (own === undefined || !file.path.endsWith(".ts")) return [];
    return importsOf(file).flatMap(({ specifier }) => {
      const fault = specifier.startsWith(".")
        ? faultOfPath(file, specifier, own)
        : faultOfName(file, specifier, { own, workspaces });
      return fault === undefined ? [] : [`${file.path} imports ${specifier}: ${fault}`];
    });
  });
}

function faultOfPath({ path }: SourceFile, specifier: string, { folder }: Workspace): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith(`${folder}/`)) return "it is outside its package";
  if (target.startsWith(`${folder}/dist/`)) return "it is built";
  return undefined;
}

interface Surroundings {
  readonly own: Workspace;
  readonly workspaces: readonly Workspace[];
}

function faultOfName(
  { path }: SourceFile,
  specifier: string,
  { own, workspaces }: Surroundings,
): string | undefined {
  if (!specifier.startsWith("@hooks/")) return undefined;
  const [scope, short, ...rest] = specifier.split("/");
  const target = workspaces.find(({ manifest }) => manifest.name === `${scope}/${short}`);
  if (target === undefined) return "there is no such package";
  const subpath = ["", ...rest].join("/");
  if (target !== own && !isExported(target, `.${subpath}`)) return "it is not among the package's exports";
  // Tests and scripts may use whatever helps to build and check the package.
  if (!isShipped(path)) return undefined;
  if (target !== own && layerOf(target) >= layerOf(own)) return "imports point one way";
  return undefined;
}

function layerOf({ folder }: Workspace): number {
  return layerOfPackage[folder] ?? layerOfFolder[folder.split("/")[0] ?? ""] ?? Number.NaN;
}

/** Packages that nobody has given a layer; `packages/testkit` is for tests only and has none. */
export function withoutLayer(workspaces: readonly Workspace[]): readonly string[] {
  return workspaces
    .filter((workspace) => Number.isNaN(layerOf(workspace)) && workspace.folder !== "packages/testkit")
    .map(({ folder }) => folder);
}

function isExported({ manifest: { exports = {} } }: Workspace, subpath: string): boolean {
  return Object.keys(exports).some((key) => {
    const [before = "", after] = key.split("*");
    return after === undefined ? key === subpath : subpath.startsWith(before) && subpath.endsWith(after);
  });
}

/** What is wrong with the imports of `core/`: it may use only itself and what is pure. */
export function faultsOfCore(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => {
    const core = /^packages\/[^/]+\/src\/core\//.exec(file.path)?.[0];
    if (core === undefined || !isShipped(file.path)) return [];
    return importsOf(file)
      .filter(({ specifier }) =>
        specifier.startsWith(".")
          ? !posix.join(posix.dirname(file.path), specifier).startsWith(core)
          : !pure.has(specifier),
      )
      .map(({ specifier }) => `${file.path} imports ${specifier}`);
  });
}
