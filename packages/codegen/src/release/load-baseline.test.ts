import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { readdir, readFile, symlink } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderFolder } from "../generate.ts";
import { createFolder, type Folder } from "../test-support/folder.ts";
import { doorOpened, sourcesWith } from "../test-support/sources.ts";
import type { Baseline } from "./baseline.ts";
import { loadBaseline } from "./load-baseline.ts";

const run = promisify(execFile);
let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

const under = (name: string, files: Iterable<readonly [string, string]>) =>
  [...files].map(([file, text]) => [`${name}/${file}`, text] as const);
const load = (against: string) =>
  loadBaseline({ against, schemas: join(folder.path, "schemas"), folder: folder.path });
const git = (...args: readonly string[]) =>
  run("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], { cwd: folder.path });
const leftovers = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("hooks-baseline-"));
const versionsIn = ({ releases }: Baseline) =>
  Object.fromEntries([...releases].map(([type, all]) => [type, all.map(({ version }) => version)]));

/** A fault of loading: its problem, in a line. */
async function refusal(against: string): Promise<string> {
  try {
    await load(against);
  } catch (error) {
    return String(error).split("\n")[1] ?? "";
  }
  return "loaded";
}

const lock = JSON.stringify({ release: "2026-01-01", events: {}, digests: {} });
const released = { "door.opened/versions/1.0.0.json": doorOpened() };
const inDoor = (file: string) => `door.opened/${file}`;

describe("loadBaseline from dir:", () => {
  it("takes the released versions of a folder of schemas, and what is written beside them when it has no lock", async () => {
    const event = { version: "1.1.0", group: "g", summary: "S", trigger: "T", payload: "full" };
    const files = { ...released, [inDoor("schema.json")]: doorOpened({ root: { "x-event": event } }) };
    await folder.write(under("old", sourcesWith(files)));
    expect(versionsIn(await load("dir:old"))).toEqual({ "door.opened": ["1.0.0", "1.1.0"] });
    await folder.write([["old/catalog.lock.json", lock]]);
    expect(versionsIn(await load("dir:old"))).toEqual({ "door.opened": ["1.0.0"] });
  });

  it("takes an unpacked package", async () => {
    await folder.write(under("schemas", sourcesWith(released)));
    const manifest = {
      name: "@acme/events",
      exports: { "./catalog.json": { default: "./src/catalog.json" } },
    };
    await folder.write([["old/package.json", JSON.stringify(manifest)]]);
    await folder.write(under("old/src", await renderFolder(join(folder.path, "schemas"))));
    expect(versionsIn(await load("dir:old"))).toEqual({ "door.opened": ["1.0.0"] });
  });

  it.each([
    ["dir:nowhere", [], "dir:nowhere"],
    ["dir:old", [["old/hooks.schemas.json", "{}"]], "There is no event type in it."],
    [
      "dir:old",
      [["old/door.opened/schema.json", "{"]],
      "dir:old/door.opened/schema.json: The file is not JSON",
    ],
    ["dir:old", [["old/package.json", "{}"]], "no catalog.json that can be read"],
    [
      "dir:old",
      [
        ["old/package.json", "{}"],
        ["old/catalog.json", "[]"],
      ],
      "It holds no catalog.json of event types.",
    ],
    [
      "dir:old",
      [
        ["old/package.json", "{}"],
        ["old/catalog.json", '{"a":1}'],
      ],
      "no schema of a",
    ],
  ] as const)("refuses %s with %j", async (name, files, expected) => {
    await folder.write(files);
    expect(await refusal(name)).toContain(expected);
  });
});

describe("loadBaseline from git:", () => {
  beforeEach(async () => {
    await git("init", "-q", "-b", "main");
    await folder.write(under("schemas", sourcesWith(released)));
    await folder.write([["other/door.opened/schema.json", "{}"]]);
    await git("add", ".");
    await git("commit", "-qm", "First");
    await git("tag", "v1");
    await folder.write([["schemas/door.opened/schema.json", "{"]]);
    await git("commit", "-qam", "Broken");
  });

  it.each(["git:v1", "git:HEAD~1", "git:main^"])("reads the folder as it was at %s", async (name) => {
    const baseline = await load(name);
    expect(baseline.name).toBe(name);
    expect(versionsIn(baseline)).toEqual({ "door.opened": ["1.0.0"] });
  });

  it("does not follow a link that was committed", async () => {
    await symlink("/etc/hostname", join(folder.path, "schemas/link.json"));
    await folder.write(under("schemas", sourcesWith()));
    await git("add", ".");
    await git("commit", "-qm", "Link");
    expect(versionsIn(await load("git:HEAD"))).toEqual({ "door.opened": ["1.0.0"] });
  });

  it.each([
    ["git:--output=/tmp/x", "This is no name of a commit."],
    ["git:-h", "This is no name of a commit."],
    ["git:main; touch owned", "This is no name of a commit."],
    ["git:$(touch owned)", "This is no name of a commit."],
    ["git:v1..main", "This is no name of a commit."],
    ["git:main\nv1", "This is no name of a commit."],
    ["git::/First", "This is no name of a commit."],
    ["git:nowhere", "There is no such branch, tag or commit here."],
    ["git:0123456", "There is no such branch, tag or commit here."],
    ["git:main~9", "There is no such branch, tag or commit here."],
    ["git:origin/main", "This repository has no remote called origin; it has none."],
    ["git:fix/door", "Nor is there a remote called fix; it has none."],
    ["git:HEAD", "The file is not JSON"],
  ])("refuses %j", async (name, expected) => {
    expect(await refusal(name)).toContain(expected);
    expect(await readdir(folder.path)).not.toContain("owned");
  });

  it("tells a branch that was not fetched from a remote that is not there", async () => {
    await git("remote", "add", "upstream", folder.path);
    expect(await refusal("git:origin/main")).toContain("no remote called origin; it has upstream.");
    expect(await refusal("git:upstream/main~2")).toContain(
      "git fetch upstream main:refs/remotes/upstream/main.",
    );
    await git("fetch", "-q", "upstream", "main:refs/remotes/upstream/main");
    expect(await refusal("git:upstream/main^")).toBe("loaded");
  });

  it("says of a shallow clone that it is one", async () => {
    await git("clone", "-q", "--depth", "1", `file://${folder.path}`, "clone");
    const schemas = join(folder.path, "clone/schemas");
    await expect(loadBaseline({ against: "git:main~1", schemas, folder: folder.path })).rejects.toThrow(
      "This clone is shallow and has no such branch, tag or commit: git fetch --unshallow gets the rest.",
    );
  });

  it("says when the folder was not there yet", async () => {
    await folder.write(under("new", sourcesWith()));
    const options = { against: "git:v1", schemas: join(folder.path, "new"), folder: folder.path };
    await expect(loadBaseline(options)).rejects.toThrow("The folder of schemas was not there.");
  });
});

describe("loadBaseline from npm:", () => {
  let packages: Server;
  const configured = process.env["npm_config_registry"];

  /** What a registry answers for one package; everything else it does not have. */
  beforeEach(async () => {
    await folder.write(under("schemas", sourcesWith(released)));
    const manifest = {
      name: "@acme/events",
      version: "1.2.0",
      exports: { "./catalog.json": "./src/catalog.json" },
    };
    await folder.write([["package/package.json", JSON.stringify(manifest)]]);
    await folder.write(under("package/src", await renderFolder(join(folder.path, "schemas"))));
    await run("npm", ["pack", "--pack-destination", folder.path], { cwd: join(folder.path, "package") });
    const [tarball = ""] = (await readdir(folder.path)).filter((name) => name.endsWith(".tgz"));
    packages = createServer(async ({ url = "", headers }, response) => {
      if (url.endsWith(".tgz")) return void response.end(await readFile(join(folder.path, tarball)));
      const dist = { tarball: `http://${headers.host}/${tarball}` };
      const document = {
        name: "@acme/events",
        "dist-tags": { latest: "1.2.0" },
        versions: { "1.2.0": { ...manifest, dist } },
      };
      const isKnown = decodeURIComponent(url) === "/@acme/events";
      response.writeHead(isKnown ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(isKnown ? document : { error: "not found" }));
    });
    await new Promise<void>((resolve) => packages.listen(0, "127.0.0.1", resolve));
    process.env["npm_config_registry"] = `http://127.0.0.1:${(packages.address() as AddressInfo).port}/`;
    process.env["npm_config_cache"] = join(folder.path, "cache");
    process.env["npm_config_fetch_retries"] = "0";
  });
  afterEach(async () => {
    if (configured === undefined) delete process.env["npm_config_registry"];
    else process.env["npm_config_registry"] = configured;
    delete process.env["npm_config_cache"];
    delete process.env["npm_config_fetch_retries"];
    await new Promise((resolve) => packages.close(resolve));
  });

  it("reads the catalogue of a published package with the user's own npm, and cleans up", async () => {
    const before = await leftovers();
    expect(versionsIn(await load("npm:@acme/events@1.2.0"))).toEqual({ "door.opened": ["1.0.0"] });
    expect(versionsIn(await load("npm:@acme/events@latest"))).toEqual({ "door.opened": ["1.0.0"] });
    expect((await leftovers()).filter((name) => !before.includes(name))).toEqual([]);
  });

  it("says when there is no such package or version, and when the registry cannot be reached", async () => {
    expect(await refusal("npm:@acme/nothing@1.0.0")).toContain("no such package or version (E404)");
    expect(await refusal("npm:@acme/events@9.9.9")).toContain("no such package or version (ETARGET)");
    process.env["npm_config_registry"] = "http://127.0.0.1:1/";
    expect(await refusal("npm:@acme/other@1.0.0")).toContain("npm cannot fetch it (ECONNREFUSED)");
  });
});

describe("loadBaseline", () => {
  it.each([
    "npm:@acme/events",
    "npm:--help@1.0.0",
    "npm:file:../package@1.0.0",
    "npm:../package@1.0.0",
    "npm:git+ssh://host/repository@1.0.0",
    "npm:events@1.0.0; touch owned",
    "npm:events@https://example.com/x.tgz",
  ])("refuses %s before npm sees it", async (name) => {
    expect(await refusal(name)).toContain("Name it as npm:PACKAGE@VERSION.");
  });

  it("knows no other baselines", async () => {
    expect(await refusal("http://example.com")).toContain(
      "A baseline is git:REF, npm:PACKAGE@VERSION or dir:DIR.",
    );
  });
});
