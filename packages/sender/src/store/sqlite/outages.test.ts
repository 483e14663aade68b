import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { createTemporaryFolder } from "@hooks/testkit";
import { describe, it } from "vitest";
import { proveOutage } from "../../test-support/outage.ts";
import { createSqliteStore } from "../sqlite.ts";

describe("a SQLite file", () => {
  it("that another process writes for long: publishers are told, and everything acknowledged is sent afterwards", async () => {
    const folder = createTemporaryFolder("hooks-sqlite-outage");
    const path = join(folder.path, "sender.db");
    const store = createSqliteStore({ path });
    const other = new DatabaseSync(path, { timeout: 60_000 });
    await proveOutage({
      name: "locked",
      store,
      begin: async () => other.exec("BEGIN IMMEDIATE"),
      end: async () => other.exec("ROLLBACK"),
    });
    other.close();
    folder.remove();
  });
});
