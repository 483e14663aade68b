import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { contracts } from "@hooks/contracts/producer";
import { freePort, spawnApp, startPostgres, startSink, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { expect, it } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const KEY = "postgres-test-key-0123456789-0123456789";
/** A lease may have to end first. */
const PATIENCE_MS = 90_000;
const [data] = contracts.eventTypes["invoice.paid"]?.examples ?? [];

/** A sender of several on one database. */
async function start(databaseUrl: string) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    HOOKS_ADMIN_KEY: KEY,
    HOOKS_ALLOW_HTTP: "true",
    HOOKS_ALLOW_CIDRS: "127.0.0.0/8",
  };
  // Where the database does not answer in time it ends, and says so.
  const app = await until(() => spawnApp({ main, env, readyUrl: `${url}/readyz` }), { timeoutMs: 120_000 });
  const post = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
    const response = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: response.status, json: (await response.json()) as { id: string; code?: string } };
  };
  /** On a busy machine the database may be late. */
  const create = (path: string, body: object) =>
    until(async () => {
      const { status, json } = await post(path, body);
      return status < 300 && json.id;
    });
  const publish = () => create("/v1/events", { type: "invoice.paid", data, id: `evt_${randomUUID()}` });
  return { app, post, create, publish };
}

describeWithServer("postgres", "senders on one PostgreSQL", () => {
  it("share its work, and answer 503 while it is away", async () => {
    const server = await startPostgres();
    const sink = await startSink();
    const [first, second] = await Promise.all([start(server.url), start(server.url)]);
    expect(first.app.output()).toContain("self-check: PostgreSQL synchronous_commit is on");
    const subscriber = await first.create("/v1/subscribers", { name: "Acme" });
    for (let count = 0; count < 8; count += 1)
      await second.create("/v1/endpoints", { subscriber, url: `${sink.url}/${count}` });
    await first.publish();
    await second.publish();
    await sink.received(16, PATIENCE_MS);
    await server.kill();
    expect(await first.post("/v1/events", { type: "invoice.paid", data })).toMatchObject({
      status: 503,
      json: { code: "storage_unavailable" },
    });
    await server.restart();
    await first.publish();
    await sink.received(24, PATIENCE_MS);
    expect(await first.app.terminate()).toBe(0);
    // What the first one served is the second's now.
    await second.publish();
    await sink.received(32, PATIENCE_MS);
    expect(new Set(sink.requests.map(({ path }) => path)).size).toBe(8);
    expect(await second.app.terminate()).toBe(0);
    await server.stop();
    await sink.close();
  });
});
