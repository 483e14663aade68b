import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { createSqliteStore } from "../sqlite.ts";
import { createDoubt } from "./doubt.ts";
import { createThreadedWork } from "./threaded-work.ts";
import { createTurns } from "./turns.ts";

const folder = await mkdtemp(join(tmpdir(), "hooks-threaded-work-"));
afterAll(() => rm(folder, { recursive: true }));

const take = { worker: "w1", nowMs: 1, from: [] };
const nothing = { id: 0, deliveries: [], endpoints: [], more: [] };

describe("createThreadedWork", () => {
  it("starts another thread when the one before has ended", async () => {
    const path = join(folder, "newer.db");
    const store = createSqliteStore({ path });
    const setVersion = (version: number) => {
      const database = new DatabaseSync(path);
      const before = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
      database.exec(`PRAGMA user_version = ${version}`);
      database.close();
      return before;
    };
    const known = setVersion(1_000_000);
    const refusal = { code: "storage_unavailable", message: expect.stringContaining("newer release") };
    await expect(store.take(take)).rejects.toMatchObject(refusal);
    setVersion(known);
    expect(await store.take(take)).toEqual(nothing);
    await store.close();
  });

  it("answers what was asked before it was closed, and nothing after that", async () => {
    const path = join(folder, "closed.db");
    const store = createSqliteStore({ path });
    const work = createThreadedWork({ file: path, vault: {}, doubt: createDoubt().shared }, createTurns());
    const asked = work.take(take);
    const closed = work.close();
    expect(await asked).toEqual(nothing);
    await closed;
    await expect(work.take(take)).rejects.toMatchObject({ code: "storage_unavailable" });
    await store.close();
  });

  it("ends before writes that come meanwhile are told that the store is closed", async () => {
    const store = createSqliteStore({ path: join(folder, "closing.db") });
    await store.take(take);
    const closing = store.close();
    const addSubscribers = async (count = 0): Promise<void> => {
      await store.addSubscriber({ id: `sub_${count}`, name: "one", createdAtMs: 1 });
      return addSubscribers(count + 1);
    };
    await expect(addSubscribers()).rejects.toThrow("the store is closed");
    await closing;
  });

  it("works on a database that a link leads to", async () => {
    const link = join(folder, "link.db");
    await symlink(join(await mkdtemp(join(folder, "elsewhere-")), "real.db"), link);
    const store = createSqliteStore({ path: link });
    expect(await store.take(take)).toEqual(nothing);
    await store.close();
  });

  it.skipIf(process.platform === "win32")(
    "answers while the process's threads for files are busy",
    async () => {
      const pipe = join(folder, "pipe");
      const code = `
      import { execFileSync } from "node:child_process";
      import { open, openSync } from "node:fs";
      import { createSqliteStore } from ${JSON.stringify(new URL("../sqlite.ts", import.meta.url).href)};
      const pipe = ${JSON.stringify(pipe)};
      execFileSync("mkfifo", [pipe]);
      // Each takes a thread until somebody writes into the pipe.
      for (let count = 0; count < 8; count += 1) open(pipe, "r", () => {});
      const store = createSqliteStore({ path: ${JSON.stringify(join(folder, "busy.db"))} });
      const event = { id: "e1", type: "a.b", version: "1.0.0", source: "s", digest: "d",
        envelope: { before: "{}", after: "" }, render: Object.assign(() => ({ kind: "own" }), { isOwn: () => true }) };
      const [{ kind }] = await store.publish([event], 1);
      console.log(kind);
      openSync(pipe, "r+");
      await store.close();`;
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
      expect(stdout).toBe("published\n");
    },
  );

  it("keeps the process alive while it is asked, and not longer", async () => {
    const path = join(folder, "alive.db");
    const code = `
      import { createSqliteStore } from ${JSON.stringify(new URL("../sqlite.ts", import.meta.url).href)};
      const store = createSqliteStore({ path: ${JSON.stringify(path)} });
      console.log(JSON.stringify(await store.take(${JSON.stringify(take)})));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
    expect(JSON.parse(stdout)).toEqual(nothing);
  });
});
