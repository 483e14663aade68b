import { DatabaseSync } from "node:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createCommitQueue } from "./commit-queue.ts";

const NORMAL = 1;
const FULL = 2;

describe("createCommitQueue", () => {
  it("waits for the disk unless all that is committed together is relaxed, and again after that", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hooks-commit-queue-"));
    const database = new DatabaseSync(join(folder, "test.db"));
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    const write = createCommitQueue(database);
    const synchronous = () => Number(database.prepare("PRAGMA synchronous").get()?.["synchronous"]);
    expect(await write(synchronous)).toBe(FULL);
    expect(await Promise.all([write(synchronous, "relaxed"), write(synchronous)])).toEqual([NORMAL, FULL]);
    expect(await write(synchronous, "relaxed")).toBe(NORMAL);
    expect(synchronous()).toBe(FULL);
    const failing = write(() => {
      throw new Error("no");
    }, "relaxed");
    await expect(failing).rejects.toThrow("no");
    expect(synchronous()).toBe(FULL);
    database.close();
    await rm(folder, { recursive: true });
  });
});
