import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { createTemporaryFolder } from "@hooks/testkit";
import { afterAll, expect, it } from "vitest";
import { openDatabase } from "./sqlite-database.ts";
import { createWrites } from "./sqlite-writes.ts";

const folder = createTemporaryFolder("hooks-sqlite-writes");
afterAll(() => folder.remove());

/** Holds the lock for 20 ms at a time, and takes it again as soon as it may. */
const greedy = `
  const { workerData: { module, path, commits } } = require("node:worker_threads");
  import(module).then(async ({ openDatabase }) => {
    const database = openDatabase(path, 60_000);
    const add = database.prepare("INSERT INTO turns DEFAULT VALUES");
    for (;;) {
      await database.write(() => {
        add.run();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      });
      Atomics.add(commits, 0, 1);
      await new Promise(setImmediate);
    }
  });
`;

it("leaves a gap to others who wait for the file", async () => {
  const path = join(folder.path, "shared.db");
  const database = openDatabase(path, 60_000);
  await database.write(() => database.prepare("CREATE TABLE turns (id INTEGER PRIMARY KEY)").run());
  const commits = new Int32Array(new SharedArrayBuffer(4));
  const module = new URL("../../dist/inbox/sqlite-database.js", import.meta.url).href;
  const other = new Worker(greedy, { eval: true, workerData: { module, path, commits } });
  await expect.poll(() => Atomics.load(commits, 0)).toBeGreaterThan(0);
  // The other finds that it is not alone.
  await database.write(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50));
  const waitedFor: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    const before = Atomics.load(commits, 0);
    await database.write(() => waitedFor.push(Atomics.load(commits, 0) - before));
    await turn();
  }
  await other.terminate();
  database.close();
  expect(waitedFor.toSorted((a, b) => a - b)[10]).toBeLessThanOrEqual(5);
});

it("commits what came meanwhile with what waited, and fails what waited too long", async () => {
  let isFree = false;
  let transactions = 0;
  const write = createWrites({
    patienceMs: 60_000,
    transact: (work) => {
      if (!isFree) return undefined;
      transactions += 1;
      return { result: work() };
    },
  });
  const results = [1, 2, 3].map((value) => write(() => value));
  await turn();
  results.push(write(() => 4));
  isFree = true;
  expect(await Promise.all(results)).toEqual([1, 2, 3, 4]);
  expect(transactions).toBe(1);
  expect(await Promise.all([write(() => 5), write(() => 6)])).toEqual([5, 6]);
  const impatient = createWrites({ patienceMs: 0, transact: () => undefined });
  await expect(impatient(() => 1)).rejects.toThrow("Another process holds the lock");
});
