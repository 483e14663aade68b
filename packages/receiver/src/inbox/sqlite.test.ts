import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { createTemporaryFolder } from "@hooks/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { describeInbox } from "./conformance.ts";
import { createSqliteInbox } from "./sqlite.ts";

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
    let turns = 0;
    const ticking = setInterval(() => turns++, 10);
    const started = performance.now();
    await expect(inbox.accept(event)).rejects.toMatchObject({ code: "queue_unavailable" });
    expect(performance.now() - started).toBeLessThan(1_000);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(30);
    other.exec("ROLLBACK");
    expect(await inbox.accept(event)).toBe("accepted");
    await inbox.close();
    other.close();
  });

  it("accepts nothing once its file was deleted", async () => {
    const path = join(folder.path, "deleted.db");
    const inbox = createSqliteInbox({ path });
    expect(await inbox.accept(event)).toBe("accepted");
    rmSync(path);
    await expect(inbox.accept({ ...event, eventId: "b" })).rejects.toMatchObject({
      code: "queue_unavailable",
    });
    await expect(inbox.depth("billing")).rejects.toMatchObject({ code: "queue_unavailable" });
    await inbox.close();
  });

  it("calls a store in memory unsafe", async () => {
    const inbox = createSqliteInbox({ path: ":memory:" });
    expect(await inbox.selfCheck()).toMatchObject([{ level: "unsafe" }]);
    await inbox.close();
  });
});
