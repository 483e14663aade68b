import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { until } from "@hooks/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { createVault } from "../vault.ts";
import { describeStore, describeTakingAlong, describeVault } from "./conformance.ts";
import { describeSubmissions } from "../test-support/submissions.ts";
import { createSqliteStore } from "./sqlite.ts";

const folder = await mkdtemp(join(tmpdir(), "hooks-sqlite-"));
let files = 0;
const newPath = () => join(folder, `${(files += 1)}.db`);
afterAll(() => rm(folder, { recursive: true }));

describeStore("sqlite", async () => createSqliteStore({ path: newPath() }));
describeTakingAlong("sqlite", async () => createSqliteStore({ path: newPath() }));

// There, as where the thread's file is missing, this thread does all the work.
describeStore("sqlite, in memory", async () => createSqliteStore({ path: ":memory:" }));

const masterKeys = `k1:${randomBytes(32).toString("base64")}`;
describeStore("sqlite, encrypted", async () =>
  createSqliteStore({ path: newPath(), vault: createVault({ masterKeys, compressFromBytes: 1 }) }),
);

describeVault("sqlite", async () => {
  const path = newPath();
  return {
    open: async (vault = createVault()) => createSqliteStore({ path, vault }),
    async execute(sql, values = []) {
      const database = new DatabaseSync(path, { timeout: 60_000 });
      try {
        return database.prepare(sql).all(...(values as SQLInputValue[]));
      } finally {
        database.close();
      }
    },
    async dump() {
      const files = (await readdir(folder)).filter((name) => join(folder, name).startsWith(path));
      return Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))));
    },
  };
});

describeSubmissions(async () => {
  const path = newPath();
  const store = createSqliteStore({ path });
  const execute = async (sql: string) => {
    const other = new DatabaseSync(path, { timeout: 60_000 });
    try {
      return other.prepare(sql).all();
    } finally {
      other.close();
    }
  };
  return { store, table: "outbox", execute };
});

describe("createSqliteStore", () => {
  it("keeps what was published over a restart", async () => {
    const path = newPath();
    const first = createSqliteStore({ path });
    await first.addSubscriber({ id: "sub_1", name: "one", createdAtMs: 1 });
    await first.close();
    const second = createSqliteStore({ path });
    expect(await second.getSubscriber("sub_1")).toEqual({ id: "sub_1", name: "one", createdAtMs: 1 });
    await second.close();
  });

  it("finds itself safe: WAL and a sync for every commit", async () => {
    const store = createSqliteStore({ path: newPath() });
    expect((await store.selfCheck()).map(({ level }) => level)).toEqual(["ok", "ok"]);
    await store.close();
  });

  it("takes over at once from a process of this machine that is gone", async () => {
    const path = newPath();
    const { hostname } = await import("node:os");
    const store = createSqliteStore({ path });
    const lease = (id: string, pid: number) =>
      store.lease({
        worker: { id, host: hostname(), pid },
        nowMs: 1_000,
        leaseMs: 10_000,
        maxInterruptions: 3,
      });
    // No process has this pid: it is beyond the largest that Linux gives.
    await lease("dead", 2 ** 22 + 1);
    await store.close();
    const code = `
      import { createSqliteStore } from ${JSON.stringify(new URL("./sqlite.ts", import.meta.url).href)};
      const store = createSqliteStore({ path: ${JSON.stringify(path)} });
      const owned = await store.lease({ worker: { id: "heir", host: ${JSON.stringify(hostname())}, pid: process.pid },
        nowMs: 1_001, leaseMs: 10_000, maxInterruptions: 3 });
      console.log(owned.owned.length);`;
    const { execFileSync } = await import("node:child_process");
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
    expect(output.trim()).toBe("64");
  });

  it.skipIf(process.platform !== "linux")(
    "takes over at once from what ran before the machine was started, or on another (by the boot id of Linux)",
    async () => {
      const path = newPath();
      const store = createSqliteStore({ path });
      const lease = (id: string) =>
        store.lease({
          // No process of this machine, so that only its lease says whether it is there.
          worker: { id, host: "container", pid: 1 },
          nowMs: 1_000,
          leaseMs: 1_800_000,
          maxInterruptions: 3,
        });
      await lease("before");
      expect((await lease("heir")).owned).toEqual([]);
      const other = new DatabaseSync(path, { timeout: 60_000 });
      other.exec("UPDATE workers SET boot = 'another' WHERE id = 'before'");
      other.close();
      expect((await lease("heir")).owned).toHaveLength(64);
      await store.close();
    },
  );

  it("acknowledges nothing once its file was deleted", async () => {
    const path = newPath();
    const store = createSqliteStore({ path });
    await store.addSubscriber({ id: "sub_1", name: "", createdAtMs: 1 });
    await rm(path);
    await expect(store.addSubscriber({ id: "sub_2", name: "", createdAtMs: 1 })).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    await expect(store.getSubscriber("sub_1")).rejects.toMatchObject({ code: "storage_unavailable" });
    await store.close();
  });

  it("waits for another process that writes, without stopping this one, and refuses after a while", async () => {
    const path = newPath();
    const store = createSqliteStore({ path });
    const other = new DatabaseSync(path);
    const waits = async () => {
      other.exec("BEGIN IMMEDIATE");
      const waiting = store.addSubscriber({ id: "sub_1", name: "", createdAtMs: 1 });
      const turned = new Promise((resolve) => setTimeout(() => resolve("turned"), 50));
      const first = await Promise.race([turned, waiting]).finally(() => other.exec("COMMIT"));
      return { first, added: await waiting };
    };
    // Where this process stands still for longer than a write waits, that is refused.
    expect(await until(waits)).toMatchObject({ first: "turned", added: { ok: true } });
    other.exec("BEGIN IMMEDIATE");
    await expect(store.addSubscriber({ id: "sub_2", name: "", createdAtMs: 1 })).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    other.close();
    expect(await store.addSubscriber({ id: "sub_3", name: "", createdAtMs: 1 })).toMatchObject({ ok: true });
    await store.close();
  });

  it("is opened while another process writes", async () => {
    const path = newPath();
    await createSqliteStore({ path }).close();
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const store = createSqliteStore({ path });
    expect(await store.listSubscribers({ limit: 1 })).toEqual([]);
    other.close();
    await store.close();
  });

  it("rejects with storage_unavailable when the file cannot be opened", () => {
    expect(() => createSqliteStore({ path: "/dev/null/hooks.db" })).toThrow(
      expect.objectContaining({ code: "storage_unavailable" }),
    );
  });

  it("rejects with storage_unavailable once it is closed, and says that it is", async () => {
    const store = createSqliteStore({ path: newPath() });
    await store.close();
    const refusal = { code: "storage_unavailable", message: expect.stringContaining("the store is closed") };
    await expect(store.getSubscriber("sub_1")).rejects.toMatchObject(refusal);
    await expect(store.addSubscriber({ id: "sub_1", name: "", createdAtMs: 1 })).rejects.toMatchObject(
      refusal,
    );
    const worker = { id: "w1", host: "here", pid: process.pid };
    await expect(
      store.lease({ worker, nowMs: 1, leaseMs: 10_000, maxInterruptions: 3 }),
    ).rejects.toMatchObject(refusal);
  });
});
