import { DatabaseSync } from "node:sqlite";
import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import { createCommitQueue } from "./commit-queue.ts";
import { createDoubt } from "./doubt.ts";

const NORMAL = 1;
const FULL = 2;

describe("createCommitQueue", () => {
  it("waits for the disk unless what is committed is relaxed, and again after that", async () => {
    const { database, end } = await openDatabase("FULL");
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
    await end();
  });

  it("answers when what it committed is on disk, and writes the next meanwhile", async () => {
    const { database, end } = await openDatabase("NORMAL");
    const syncs: (() => void)[] = [];
    const sync = () => new Promise<void>((resolve) => syncs.push(resolve));
    const write = createCommitQueue(database, { sync });
    const answered: string[] = [];
    const insert = (name: string) => () => void database.exec(`INSERT INTO facts VALUES ('${name}')`);
    const first = write(insert("first")).then(() => answered.push("first"));
    await write(insert("relaxed"), "relaxed");
    const second = write(insert("second")).then(() => answered.push("second"));
    await until(() => syncs.length === 2);
    expect(database.prepare("SELECT count(*) AS count FROM facts").get()).toEqual({ count: 3 });
    expect(answered).toEqual([]);
    syncs[0]?.();
    await first;
    expect(answered).toEqual(["first"]);
    syncs[1]?.();
    await second;
    await end();
  });

  it("refuses what could not be synced, and whatever comes until the log has begun anew", async () => {
    const { database, path, end } = await openDatabase("NORMAL");
    const syncs: PromiseWithResolvers<void>[] = [];
    const sync = () => {
      const one = Promise.withResolvers<void>();
      syncs.push(one);
      return one.promise;
    };
    const write = createCommitQueue(database, { sync });
    const insert = () => void database.exec("INSERT INTO facts VALUES ('a')");
    const refusal = { code: "storage_unavailable" };
    const first = expect(write(insert)).rejects.toMatchObject(refusal);
    await until(() => syncs.length === 1);
    const second = expect(write(insert)).rejects.toMatchObject(refusal);
    await until(() => syncs.length === 2);
    syncs[0]?.reject(new Error("EIO: i/o error, fdatasync"));
    await first;
    // It stands behind the first in the log.
    syncs[1]?.resolve();
    await second;
    const reader = new DatabaseSync(path);
    reader.exec("BEGIN; SELECT * FROM facts");
    await expect(write(insert)).rejects.toMatchObject(refusal);
    reader.close();
    const before = statSync(`${path}-wal`).size;
    const third = write(insert);
    await until(() => syncs.length === 3);
    syncs[2]?.resolve();
    await third;
    expect(statSync(`${path}-wal`).size).toBeLessThan(before);
    expect(database.prepare("SELECT count(*) AS count FROM facts").get()).toEqual({ count: 3 });
    await end();
  });
});

describe("two commit queues on one database", () => {
  it("keep nothing behind what the other could not sync until the log has begun anew", async () => {
    const { database, path, end } = await openDatabase("NORMAL");
    const other = new DatabaseSync(path);
    other.exec("PRAGMA synchronous = FULL");
    const doubt = createDoubt();
    const unsynced = createCommitQueue(database, { sync: failToSync, doubt });
    const write = createCommitQueue(other, { doubt: createDoubt(doubt.shared) });
    const refusal = { code: "storage_unavailable" };
    await expect(unsynced(insertInto(database))).rejects.toMatchObject(refusal);
    const reader = new DatabaseSync(path);
    reader.exec("BEGIN; SELECT * FROM facts");
    await expect(write(insertInto(other))).rejects.toMatchObject(refusal);
    reader.close();
    const before = statSync(`${path}-wal`).size;
    await write(insertInto(other));
    expect(statSync(`${path}-wal`).size).toBeLessThan(before);
    expect(doubt.isRaised()).toBe(false);
    other.close();
    await end();
  });
});

const failToSync = () => Promise.reject(new Error("EIO: i/o error, fdatasync"));
const insertInto = (database: DatabaseSync) => () => void database.exec("INSERT INTO facts VALUES ('a')");

async function openDatabase(synchronous: "FULL" | "NORMAL") {
  const folder = await mkdtemp(join(tmpdir(), "hooks-commit-queue-"));
  const path = join(folder, "test.db");
  const database = new DatabaseSync(path);
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; CREATE TABLE facts (name TEXT)`,
  );
  const end = async () => {
    database.close();
    await rm(folder, { recursive: true });
  };
  return { database, path, end };
}
