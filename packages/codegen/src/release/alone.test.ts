import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processMark } from "../process-mark.ts";
import { createFolder, type Folder } from "../test-support/folder.ts";
import { alone } from "./alone.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

const done = () => Promise.resolve("done");
const path = () => join(folder.path, "release.running");

describe("alone", () => {
  it("lets one through at a time, and the next when it has ended, however it ended", async () => {
    const inner = alone(folder.path, () => alone(folder.path, done));
    await expect(inner).rejects.toThrow("release_running");
    await expect(alone(folder.path, () => Promise.reject(new Error("fault")))).rejects.toThrow("fault");
    expect(await alone(folder.path, done)).toBe("done");
    expect(await folder.read()).toEqual(new Map());
  });

  it("takes away what a killed process has left, and nothing else", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await writeFile(path(), processMark.replace(/\d+$/, String(pid)));
    expect(await alone(folder.path, done)).toBe("done");
    for (const mark of [processMark, "", "ffffffff-1", "x"]) {
      await writeFile(path(), mark);
      await expect(alone(folder.path, done), mark).rejects.toThrow("release_running");
      expect(await readFile(path(), "utf8")).toBe(mark);
    }
  });

  it("says that a folder cannot be written", async () => {
    await expect(alone(join(folder.path, "none"), done)).rejects.toThrow("unwritable_folder");
  });
});
