import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTemporaryFolder, until } from "@hooks/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { createSqliteDedupe } from "../dedupe/sqlite.ts";
import { describeInbox } from "./conformance.ts";
import { createSqliteInbox } from "./sqlite.ts";

const inboxProcess = fileURLToPath(new URL("../test-support/inbox-process.ts", import.meta.url));
const folder = createTemporaryFolder("hooks-inbox");
let file = 0;
afterAll(() => folder.remove());

describeInbox("sqlite", {
  open: async (limits) => createSqliteInbox({ path: join(folder.path, `${file}.db`), ...limits }),
  clear: async () => void file++,
});

describe("createSqliteInbox", () => {
  const event = {
    source: "billing",
    eventId: "a",
    eventType: undefined,
    headers: {},
    body: Buffer.from("{}"),
    receivedAtMs: 0,
  };

  it("fails within a second, without blocking the event loop, while another process holds the lock", async () => {
    const path = join(folder.path, "locked.db");
    const inbox = createSqliteInbox({ path });
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    // However slow the machine is, some time it is not.
    await until(async () => {
      let turns = 0;
      const ticking = setInterval(() => turns++, 10);
      const started = performance.now();
      const refused = { code: "queue_unavailable" };
      await expect.soft(inbox.accept(event)).rejects.toMatchObject(refused);
      const tookMs = performance.now() - started;
      clearInterval(ticking);
      return tookMs < 1_000 && turns > 30;
    });
    other.exec("ROLLBACK");
    expect(await inbox.accept(event)).toBe("accepted");
    await inbox.close();
    other.close();
  });

  it("refuses a file that another version has made, and leaves it as it is", async () => {
    const made = join(folder.path, "made.db");
    await createSqliteInbox({ path: made }).close();
    const present = new DatabaseSync(made);
    const statements = present.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").all();
    present.close();
    const others = [
      (sql: string) => sql.replace("shares INTEGER NOT NULL,", ""),
      (sql: string) => (sql.includes("seen_id") ? "CREATE TABLE seen (digest TEXT) STRICT" : sql),
    ];
    for (const [index, change] of others.entries()) {
      const path = join(folder.path, `other-${index}.db`);
      const other = new DatabaseSync(path);
      for (const { sql } of statements) {
        if (!/sqlite_/.test(String(sql))) other.exec(change(String(sql)));
      }
      const names = () => other.prepare("SELECT name FROM sqlite_schema ORDER BY name").all();
      const before = names();
      const message = expect.stringMatching(/^Expected an inbox file of this version/) as unknown;
      expect(() => createSqliteInbox({ path })).toThrow(
        expect.objectContaining({ code: "inbox_file_outdated", message }),
      );
      expect(names()).toEqual(before);
      other.exec("BEGIN EXCLUSIVE; COMMIT");
      other.close();
    }
  });

  it("lives in a file with tables of others", async () => {
    const path = join(folder.path, "shared.db");
    const dedupe = createSqliteDedupe({ path });
    for (let time = 0; time < 2; time += 1) {
      const inbox = createSqliteInbox({ path });
      expect(await inbox.accept(event)).toBe(time === 0 ? "accepted" : "duplicate");
      await inbox.close();
    }
    await dedupe.close();
  });

  it("forgets what is old as fast as new events come, a thousand at a time", async () => {
    const path = join(folder.path, "forgotten.db");
    const inbox = createSqliteInbox({ path, dedupeMs: 1_000 });
    const accept = (first: number, receivedAtMs: number) =>
      inbox.acceptBatch(
        Array.from({ length: 1_000 }, (_, index) => ({
          ...event,
          eventId: `${first + index}`,
          receivedAtMs,
        })),
      );
    for (let first = 0; first < 3_000; first += 1_000) await accept(first, 500);
    // Ids of a longer dedupe time that was set before, or of a clock that was ahead.
    await accept(3_000, 60_000);
    const remembered = () => {
      const database = new DatabaseSync(path);
      const row = database.prepare("SELECT count(*) AS ids FROM seen_id").get();
      database.close();
      return row?.["ids"];
    };
    const counts = [remembered()];
    for (let first = 4_000; first < 8_000; first += 1_000) {
      await accept(first, 5_000);
      counts.push(remembered());
    }
    expect(counts).toEqual([3_000, 2_000, 2_000, 3_000, 4_000]);
    await inbox.close();
  });

  it.each(["", "-wal", "-shm"])("accepts nothing once its file%s was deleted", async (suffix) => {
    const path = join(folder.path, `deleted${suffix}.db`);
    const inbox = createSqliteInbox({ path });
    expect(await inbox.accept(event)).toBe("accepted");
    rmSync(`${path}${suffix}`);
    await expect(inbox.accept({ ...event, eventId: "b" })).rejects.toMatchObject({
      code: "queue_unavailable",
    });
    await expect(inbox.depth("billing")).rejects.toMatchObject({ code: "queue_unavailable" });
    await inbox.close();
  });

  it("says why its file cannot be made, also below a folder that is nobody's to make", () => {
    const file = join(folder.path, "file");
    writeFileSync(file, "");
    expect(() => createSqliteInbox({ path: join(file, "inbox.db") })).toThrow(
      expect.objectContaining({ code: "queue_unavailable", message: expect.stringContaining("mkdir") }),
    );
    const args = [inboxProcess, "/proc/nobody/below/inbox.db"];
    const { stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 });
    expect(stderr).toMatch(/The inbox file could not be opened: \w+: .* mkdir '\/proc/);
  });

  it("calls a store in memory unsafe", async () => {
    const inbox = createSqliteInbox({ path: ":memory:" });
    expect(await inbox.selfCheck()).toEqual([
      { level: "unsafe", message: expect.stringContaining("is lost whenever the process ends") },
    ]);
    await inbox.close();
  });
});
