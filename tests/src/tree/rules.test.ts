import { describe, expect, it } from "vitest";
import { faultsOfCore, faultsOfLayers, withoutLayer } from "./layers.ts";
import { faultsOfLinks } from "./links.ts";
import { faultsOfChangesets, faultsOfManifests } from "./manifest.ts";
import { faultsOfOutgoing } from "./outgoing.ts";
import { importsOf } from "./source-file.ts";
import { faultsOfNames, faultsOfSwitches, faultsOfText } from "./text.ts";

const workspace = (folder: string, more = {}) => ({
  folder,
  manifest: { name: `@hooks/${folder.split("/").at(-1)}`, exports: { ".": {}, "./schemas/*": {} }, ...more },
});
const workspaces = [
  "packages/retry",
  "packages/signing",
  "packages/sender",
  "packages/receiver",
  "apps/gateway",
].map((folder) => workspace(folder));
const file = (path: string, text: string) => ({ path, text });
const importing = (path: string, specifier: string) => [file(path, `import { x } from "${specifier}";\n`)];

describe("importsOf", () => {
  it("finds imports, re-exports, side effects and dynamic imports, and tells types apart", () => {
    const text = [
      'import type { A } from "a";',
      'import {\n  b,\n  type B,\n  c as d,\n} from "b";',
      'export * from "c";',
      'import "d";',
      'await import("e");',
      'import * as f from "f";',
      'const text = `import { x } from "no"`;',
    ].join("\n");
    expect(importsOf(file("x.ts", text))).toEqual([
      { specifier: "a", isType: true, names: ["A"] },
      { specifier: "b", isType: false, names: ["b", "c"] },
      { specifier: "c", isType: false, names: [] },
      { specifier: "d", isType: false, names: [] },
      { specifier: "f", isType: false, names: [] },
      { specifier: "e", isType: false, names: [] },
    ]);
  });
});

describe("faultsOfLayers", () => {
  it.each([
    ["packages/sender/src/a.ts", "@hooks/retry"],
    ["apps/gateway/src/a.ts", "@hooks/receiver"],
    ["apps/gateway/src/a.ts", "@hooks/receiver/schemas/a.json"],
    ["packages/signing/src/a.test.ts", "@hooks/sender"],
    ["packages/sender/src/store/a.ts", "../core/b.ts"],
  ])("lets %s import %s", (path, specifier) => {
    expect(faultsOfLayers(importing(path, specifier), workspaces)).toEqual([]);
  });

  it.each([
    ["packages/retry/src/a.ts", "@hooks/signing", "one way"],
    ["packages/receiver/src/a.ts", "@hooks/sender", "one way"],
    ["packages/sender/src/a.ts", "@hooks/gateway", "one way"],
    ["packages/sender/src/a.ts", "@hooks/nothing", "no such package"],
    ["packages/sender/src/a.ts", "@hooks/retry/dist/jitter.js", "exports"],
    ["packages/sender/src/a.test.ts", "@hooks/retry/src/jitter.ts", "exports"],
    ["packages/sender/src/a.ts", "../../retry/src/jitter.ts", "outside"],
    ["packages/sender/src/a.ts", "../dist/a.js", "built"],
  ])("does not let %s import %s", (path, specifier, why) => {
    expect(faultsOfLayers(importing(path, specifier), workspaces)).toEqual([expect.stringContaining(why)]);
  });

  it("says which package has no layer", () => {
    expect(withoutLayer([...workspaces, workspace("packages/new")])).toEqual(["packages/new"]);
  });
});

describe("faultsOfCore", () => {
  it("lets core use core and what is pure", () => {
    for (const specifier of ["./b.ts", "@hooks/retry"])
      expect(faultsOfCore(importing("packages/sender/src/core/a.ts", specifier))).toEqual([]);
  });

  it.each(["../store.ts", "node:fs", "@hooks/egress", "express"])("does not let core use %s", (specifier) => {
    expect(faultsOfCore(importing("packages/sender/src/core/a.ts", specifier))).toHaveLength(1);
  });
});

describe("faultsOfOutgoing", () => {
  it.each([
    'import { request } from "node:http";',
    'import http from "node:http";',
    'import * as http from "node:http";',
    'import { Agent } from "undici";',
    'import { createServer, get } from "node:http";',
    'import { connect } from "node:net";',
    "const answer = await fetch(url);",
    "globalThis.fetch(url);",
    "const send = globalThis.fetch;",
    'const { request } = await import("node:https");',
  ])("refuses %s in shipped code only", (text) => {
    expect(faultsOfOutgoing([file("apps/gateway/src/a.ts", text)])).toHaveLength(1);
    for (const path of ["packages/egress/src/a.ts", "apps/gateway/src/a.test.ts", "benchmarks/src/a.ts"])
      expect(faultsOfOutgoing([file(path, text)])).toEqual([]);
  });

  it.each([
    'import { createServer, type IncomingMessage } from "node:http";',
    'import type { Agent } from "undici";',
    'import { isIP } from "node:net";',
    "// fetch(url) would follow redirects",
    "await egress.fetch(url);",
    "createFetch(handler);",
  ])("lets %s be", (text) => {
    expect(faultsOfOutgoing([file("apps/gateway/src/a.ts", text)])).toEqual([]);
  });
});

describe("faultsOfText", () => {
  it("refuses paths of machines and registries", () => {
    const texts = [["", "home", "me", "x"].join("/"), ["https:", "", "registry.example.com/x"].join("/")];
    for (const text of texts) expect(faultsOfText([file("a.md", text)])).toHaveLength(1);
    expect(faultsOfText([file("a.md", "https://example.com/home/me, ./root/x, /v1/work")])).toEqual([]);
  });

  it("refuses tests that are switched off without a reason", () => {
    const dot = ".";
    expect(faultsOfSwitches([file("a.test.ts", `it${dot}only("x", () => {});`)])).toHaveLength(1);
    expect(faultsOfSwitches([file("a.test.ts", `describe${dot}skip("x", () => {});`)])).toHaveLength(1);
    expect(faultsOfSwitches([file("a.test.ts", `it${dot}skip("x (skipped: no Redis)")`)])).toEqual([]);
  });

  it("refuses names that say nothing", () => {
    const paths = ["packages/a/src/utils.ts", "apps/a/src/helpers.test.ts", "packages/a/src/commons.ts"];
    expect(faultsOfNames(paths)).toHaveLength(2);
  });
});

const changeset = (name: string) => file(".changeset/a.md", `---\n"${name}": minor\n---\n\nFirst.\n`);

describe("faultsOfManifests", () => {
  const good = {
    version: "0.0.0",
    description: "x",
    license: "Apache-2.0",
    engines: { node: ">=22.19" },
    type: "module",
    files: ["dist"],
  };

  it("asks each package for what it must say, and public ones for more", () => {
    const paths = ["packages/retry/README.md"];
    expect(faultsOfManifests([workspace("packages/retry", good)], paths)).toEqual([]);
    const { files: _, ...withoutFiles } = good;
    expect(faultsOfManifests([workspace("packages/retry", withoutFiles)], [])).toHaveLength(2);
    expect(faultsOfManifests([workspace("apps/x", { ...withoutFiles, private: true })], [])).toEqual([]);
    expect(faultsOfManifests([{ folder: "packages/x", manifest: {} }], [])).toHaveLength(9);
  });

  it("asks for a changeset for everything that was never released", () => {
    const packages = [workspace("packages/retry", good), workspace("apps/x", { ...good, private: true })];
    expect(faultsOfChangesets(packages, [changeset("@hooks/retry")])).toEqual([]);
    expect(faultsOfChangesets(packages, [])).toEqual([expect.stringContaining("@hooks/retry")]);
    expect(faultsOfChangesets(packages, [changeset("@hooks/x")])).toHaveLength(2);
    const released = [workspace("packages/retry", { ...good, version: "0.1.0" })];
    expect(faultsOfChangesets(released, [])).toEqual([]);
  });
});

describe("faultsOfLinks", () => {
  const paths = ["README.md", "docs/a.md", "packages/x/src/index.ts"];
  const linksIn = (text: string) => faultsOfLinks([file("docs/a.md", text)], paths);

  it("takes tracked files and folders, anchors, and other sites", () => {
    for (const link of [
      "a.md",
      "../README.md#x",
      "../packages/x",
      "../packages/x/",
      "..",
      "#x",
      "https://x.y/z",
    ])
      expect(linksIn(`[x](${link})`)).toEqual([]);
  });

  it("refuses what is not there, however it is linked", () => {
    const links = [
      "[x](b.md)",
      "![x](b.png)",
      '[x](<b.md> "t")',
      "[x]: ./b.md",
      "[`x`](../../a.md)",
      "[x](/a.md)",
    ];
    for (const link of links) expect(linksIn(`text\n\n${link}\n`)).toHaveLength(1);
  });

  it("reads no code, and no other files", () => {
    expect(linksIn("a `[x](b.md)`\n\n```md\n[x](b.md)\n```\n")).toEqual([]);
    expect(faultsOfLinks([file("a.ts", "// [x](b.md)")], paths)).toEqual([]);
  });
});
