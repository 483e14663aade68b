import { createTemporaryFolder } from "@hooks/testkit";
import { afterEach, expect, it } from "vitest";
import { describeDedupe } from "./conformance.ts";
import { createSqliteDedupe } from "./sqlite.ts";

let folder: ReturnType<typeof createTemporaryFolder> | undefined;
const path = () => {
  folder ??= createTemporaryFolder("hooks-dedupe");
  return `${folder.path}/below/dedupe.db`;
};
const clear = async () => {
  folder?.remove();
  folder = undefined;
};
describeDedupe("SQLite", {
  open: async (options) => createSqliteDedupe({ path: path(), ...options }),
  clear,
});
afterEach(clear);

it("throws when the file cannot be written any more", async () => {
  const dedupe = createSqliteDedupe({ path: path() });
  await dedupe.close();
  await dedupe.close();
  await expect(dedupe.begin({ source: "s", eventId: "e", leaseMs: 1 })).rejects.toThrow();
});
