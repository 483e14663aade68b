import { startPostgres, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, beforeAll } from "vitest";
import { describeStore } from "./conformance.ts";
import { createPostgresStore } from "./postgres.ts";

describeWithServer("postgres", "createPostgresStore", () => {
  let server: PostgresServer;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  const open = () => createPostgresStore({ url: server.url, schema: `hooks ${(schemas += 1)}` });

  describeStore("postgres", async () => open());
});
