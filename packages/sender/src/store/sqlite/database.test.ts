import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTemporaryFolder } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../store.ts";
import { createSqliteStore } from "../sqlite.ts";
import { filesOf } from "./database.ts";

describe("the files of a SQLite database", () => {
  const subscriber = { id: "sub_1", name: "one", createdAtMs: 1 };
  let folder: ReturnType<typeof createTemporaryFolder>;
  let path: string;
  let store: Store;
  beforeEach(() => {
    folder = createTemporaryFolder("hooks-sqlite-files");
    path = join(folder.path, "sender.db");
    store = createSqliteStore({ path });
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  it.each([0, 1, 2])("are checked before anything is acknowledged (file %i)", async (index) => {
    const file = filesOf(path)[index] ?? "";
    renameSync(file, `${file}.away`);
    const refusal = { code: "storage_unavailable", message: expect.stringContaining("deleted or replaced") };
    await expect(store.addSubscriber(subscriber)).rejects.toMatchObject(refusal);
  });

  it("get what was acknowledged when the store is closed, although the -wal was deleted", async () => {
    await store.addSubscriber(subscriber);
    rmSync(`${path}-wal`);
    await store.close();
    expect(existsSync(path)).toBe(true);
    store = createSqliteStore({ path });
    expect(await store.getSubscriber(subscriber.id)).toEqual(subscriber);
  });
});

it("says why a database cannot be made, also below a folder that is nobody's to make", () => {
  const script = fileURLToPath(new URL("../../test-support/worker-process.ts", import.meta.url));
  const setup = JSON.stringify({ name: "a", store: "/proc/nobody/below/sender.db" });
  const { stderr } = spawnSync(process.execPath, [script, setup], { encoding: "utf8", timeout: 60_000 });
  expect(stderr).toMatch(/The SQLite database cannot be opened: \w+: .* mkdir '\/proc/);
});
