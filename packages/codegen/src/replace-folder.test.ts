import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processMark } from "./process-mark.ts";
import { replaceFolder, restoreFolder } from "./replace-folder.ts";

const mark = { file: "index.ts", text: "// made" };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "replace-folder-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("replaceFolder", () => {
  it("takes away files that are no longer made", async () => {
    const out = join(folder, "out");
    await replaceFolder({
      out,
      mark,
      files: new Map([
        ["index.ts", "// made 1"],
        ["old.ts", ""],
      ]),
    });
    await replaceFolder({ out, mark, files: new Map([["index.ts", "// made 2"]]) });
    expect(await readdir(out)).toEqual(["index.ts"]);
    expect(await readFile(join(out, "index.ts"), "utf8")).toBe("// made 2");
    expect(await readdir(folder)).toEqual(["out"]);
  });

  it("takes away what a killed process has left, and nothing of those that still run", async () => {
    const out = join(folder, "out");
    const module = new URL("replace-folder.ts", import.meta.url).href;
    const script = `import { replaceFolder } from ${JSON.stringify(module)};
      const files = { *[Symbol.iterator]() { yield ["a", ""]; process.kill(process.pid, "SIGKILL"); } };
      await replaceFolder({ out: ${JSON.stringify(out)}, files, mark: ${JSON.stringify(mark)} });`;
    spawnSync(process.execPath, ["--input-type=module", "-e", script]);
    const [left = ""] = await readdir(folder);
    expect(left).toMatch(/^\.out-/);
    const running = left.replace(/-\d+-/, `-${process.pid}-`);
    await mkdir(join(folder, running));
    await mkdir(join(folder, ".out-other"));
    await replaceFolder({ out, mark, files: new Map([["index.ts", "// made 1"]]) });
    expect((await readdir(folder)).toSorted()).toEqual([".out-other", running, "out"].toSorted());
  });

  it("puts back what a process had moved aside when it was killed", async () => {
    const out = join(folder, "out");
    await replaceFolder({ out, mark, files: new Map([["index.ts", "// made 1"]]) });
    const ended = spawnSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).stdout.trim();
    const workplace = join(folder, `.out-${processMark.replace(/\d+$/, ended)}-abc123`);
    await mkdir(workplace);
    await rename(out, join(workplace, "old"));
    await restoreFolder(out);
    expect(await readFile(join(out, "index.ts"), "utf8")).toBe("// made 1");
    await replaceFolder({ out, mark, files: new Map([["index.ts", "// made 2"]]) });
    expect(await readdir(folder)).toEqual(["out"]);
  });

  it("leaves what was there when a file cannot be written", async () => {
    const out = join(folder, "out");
    await replaceFolder({ out, mark, files: new Map([["index.ts", "// made 1"]]) });
    const files = new Map([
      ["index.ts", "// made 2"],
      ["index.ts/inside.ts", "a file cannot be a folder"],
    ]);
    await expect(replaceFolder({ out, mark, files })).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(await readFile(join(out, "index.ts"), "utf8")).toBe("// made 1");
    expect(await readdir(folder)).toEqual(["out"]);
  });
});
