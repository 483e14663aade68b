import { startPostgres, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rewrapAndKill } from "../../test-support/rewraps.ts";
import { createVault, keyIdOf } from "../../vault.ts";
import type { Store } from "../../store.ts";
import { createBundle, T0 } from "../conformance/bundle.ts";
import { K1, K2, rewrapAll } from "../conformance/vault/keys.ts";
import { createPostgresStore } from "../postgres.ts";

describeWithServer("postgres", "a rewrap of a PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const open = (...keys: readonly string[]) =>
    createPostgresStore({
      url: server.url,
      vault: createVault({ masterKeys: keys.join() }),
      timeoutMs: 60_000,
    });

  /** Which keys the bodies are sealed under now. */
  async function keysInUse(): Promise<ReadonlySet<string | undefined>> {
    const client = new Client(server.url);
    await client.connect();
    const { rows } = await client.query<{ body: Buffer }>("SELECT body FROM hooks.events");
    await client.end();
    return new Set(rows.map(({ body }) => keyIdOf(body)));
  }

  it("that is killed, or whose server is, leaves everything readable, and the next one ends it", async () => {
    const store = open(K1);
    const { addEndpoint, eventOf } = createBundle(() => store);
    const endpoint = await addEndpoint();
    const events = Array.from({ length: 300 }, () => eventOf());
    await store.publish(events, T0);
    await store.close();
    const proveReadable = async (one: Store) => {
      const read = await Promise.all(events.map(({ id }) => one.getEvent(id)));
      expect(read.map((event) => event?.id)).toEqual(events.map(({ id }) => id));
      expect(await one.getEndpoint(endpoint.id)).toMatchObject({ secrets: endpoint.secrets });
    };
    for (const steps of [3, 8, 15]) {
      await rewrapAndKill({ store: server.url, masterKeys: `${K2},${K1}`, steps });
      const both = open(K2, K1);
      await proveReadable(both);
      const first = await both.rewrap({ limit: 5 });
      // Answered or not: the server ends while it works, or has just done so.
      await Promise.allSettled([both.rewrap({ limit: 40, after: first.after }), server.kill()]);
      await server.restart();
      await proveReadable(both);
      await both.close();
    }
    expect(await keysInUse()).toEqual(new Set(["k1", "k2"]));
    const last = open(K2, K1);
    expect(await rewrapAll(last, undefined, 100)).toMatchObject({ forgotten: ["k1"], inUse: [] });
    await last.close();
    expect(await keysInUse()).toEqual(new Set(["k2"]));
    const only = open(K2);
    await proveReadable(only);
    await only.close();
  });
});
