import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, it } from "vitest";
import { faultsOfCore, faultsOfLayers, withoutLayer } from "./tree/layers.ts";
import { faultsOfLinks } from "./tree/links.ts";
import { faultsOfChangesets, faultsOfManifests } from "./tree/manifest.ts";
import { faultsOfOutgoing } from "./tree/outgoing.ts";
import { isShipped, type Manifest, type Workspace } from "./tree/source-file.ts";
import { faultsOfNames, faultsOfSwitches, faultsOfText } from "./tree/text.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ignored = new Set(["node_modules", "dist", ".turbo", "data"]);

/** Tracked files; all files where this is no working copy. A file that is about to be removed does not count. */
const paths = (
  existsSync(join(root, ".git"))
    ? execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n")
    : globSync(["**/*", ".*", ".changeset/*"], { cwd: root, exclude: (path) => ignored.has(basename(path)) })
).filter((path) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile());
const files = paths
  .filter((path) => /\.(?:ts|mjs|js|json|md|ya?ml|sh)$|(?:^|\/)\.\w+$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const workspaces: readonly Workspace[] = files
  .filter(({ path }) => path.endsWith("/package.json") && !path.includes("/src/"))
  .map(({ path, text }) => ({
    folder: path.slice(0, -"/package.json".length),
    // Written by us; what it has is judged below.
    manifest: JSON.parse(text) as Manifest,
  }));
const publicPackages = workspaces.filter(({ manifest }) => manifest.private !== true);

describe("the tree", () => {
  it("has files and packages to look at", () => {
    expect(files.filter(({ path }) => isShipped(path)).length).toBeGreaterThan(100);
    expect(publicPackages.length).toBeGreaterThanOrEqual(7);
  });

  it("imports in one direction, and only what packages export", () => {
    expect(faultsOfLayers(files, workspaces)).toEqual([]);
    expect(withoutLayer(workspaces)).toEqual([]);
  });

  it("has cores that use only themselves and what is pure", () => {
    expect(faultsOfCore(files)).toEqual([]);
  });

  it("sends requests through the egress guard only", () => {
    expect(faultsOfOutgoing(files)).toEqual([]);
  });

  it("names no machine and no registry", () => {
    expect(faultsOfText(files)).toEqual([]);
  });

  it("switches no test off without a reason", () => {
    expect(faultsOfSwitches(files)).toEqual([]);
  });

  it("has no file named by nothing", () => {
    expect(faultsOfNames(paths)).toEqual([]);
  });

  it("has no link in its Markdown that leads nowhere", () => {
    expect(faultsOfLinks(files, paths)).toEqual([]);
  });

  it("has package.json files that say all they must", () => {
    expect(faultsOfManifests(workspaces, paths)).toEqual([]);
  });

  it("has a changeset for every package that was never released", () => {
    expect(faultsOfChangesets(workspaces, files)).toEqual([]);
  });
});

describe("publint", () => {
  it.each(publicPackages.map(({ folder }) => folder))("finds nothing to say about %s", async (folder) => {
    const { messages, pkg } = await publint({ pkgDir: join(root, folder), strict: true, pack: "pnpm" });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });
});
