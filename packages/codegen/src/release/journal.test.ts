import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSources } from "../read-sources.ts";
import { createFolder, type Folder } from "../test-support/folder.ts";
import { finishJournal, writeTogether } from "./journal.ts";

const before = new Map([
  ["a/schema.json", "old a"],
  ["lock.json", "old lock"],
]);
const files = new Map([
  ["a/schema.json", "new a"],
  ["a/versions/1.0.0.json", "new version"],
  ["lock.json", "new lock"],
]);
const journal = JSON.stringify(Object.fromEntries(files));

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
  await folder.write(before);
});
afterEach(() => folder.remove());

describe("writeTogether", () => {
  it("writes all files and leaves nothing else behind", async () => {
    await writeTogether(folder.path, files, before);
    expect(await folder.read()).toEqual(files);
  });

  it.each(["release.journal.tmp", "a/schema.json.tmp", "a/versions/1.0.0.json.tmp", "lock.json.tmp"])(
    "leaves everything as it was when %s cannot be written",
    async (obstacle) => {
      await mkdir(join(folder.path, obstacle), { recursive: true });
      await expect(writeTogether(folder.path, files, before)).rejects.toThrow("EISDIR");
      expect(await folder.read()).toEqual(before);
    },
  );

  it("is wholly there for readers from the first moment it counts, wherever it is cut off", async () => {
    const states: (readonly (readonly [string, string])[])[] = [...files].map((_file, done) =>
      [...files].slice(0, done),
    );
    for (const state of states) {
      await folder.write([...before, ...state, ["release.journal", journal]]);
      expect(await readSources(folder.path)).toEqual(files);
      await finishJournal(folder.path);
      expect(await folder.read()).toEqual(files);
      await rm(join(folder.path, "a/versions"), { recursive: true });
    }
  });

  it("counts for nobody while the journal is being written", async () => {
    await writeFile(join(folder.path, "release.journal.tmp"), journal.slice(0, 20));
    expect(await readSources(folder.path)).toEqual(before);
  });
});

describe("finishJournal", () => {
  it.each([
    '{ "../outside.json": "x" }',
    '{ "/etc/outside.json": "x" }',
    '{ "a/../../outside.json": "x" }',
    '{ "migrations/v2-v1.ts": "x" }',
    '{ "a.json": 7 }',
    "[",
    "[]",
  ])("refuses the journal %s", async (text) => {
    await folder.write([["release.journal", text]]);
    await expect(finishJournal(folder.path)).rejects.toThrow("invalid_journal");
    await expect(readSources(folder.path)).rejects.toThrow("invalid_journal");
    expect(await readFile(join(folder.path, "lock.json"), "utf8")).toBe("old lock");
    await expect(stat(join(folder.path, "../outside.json"))).rejects.toThrow("ENOENT");
  });
});
