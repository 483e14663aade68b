import { setTimeout as pause } from "node:timers/promises";
import { createRedisInbox } from "@hooks/receiver/redis";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import {
  type App,
  createTemporaryFolder,
  freePort,
  type RedisServer,
  startRedis,
  until,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGatewayProcess } from "./test-support/gateway-process.ts";

const secret = generateSecret();
const folder = createTemporaryFolder("hooks-gateway-kills");
const clients = 32;
/** Every second one of the gateway, the others of Redis. */
const kills = 10;
const eventsPerKill = 2_000;

/** What stands in transactions that have no end: a Redis has loaded a log that ended amid a command, and left them in it. */
function halfTransactions(log: Buffer): string {
  const halves = log
    .toString("latin1")
    .matchAll(/\$5\r\nMULTI\r\n(?:(?!\$4\r\nEXEC\r\n)[^])*?(?=\$5\r\nMULTI\r\n)/g);
  return [...halves].join("");
}

describeWithServer("redis", "the gateway and Redis, killed in turn under load", () => {
  let redis: RedisServer;
  let app: App;
  let url: string;
  let start: () => Promise<App>;
  beforeAll(async () => {
    redis = await startRedis();
    const port = await freePort();
    const billing = `{ provider: standard-webhooks, secrets: ["${secret}"], rateLimit: { perSecond: 100000 } }`;
    const config = `sources:\n  billing: ${billing}\n`;
    url = `http://127.0.0.1:${port}`;
    start = async () =>
      (await startGatewayProcess({ folder: folder.path, config, inboxUrl: redis.url, port })).app;
    app = await start();
  });
  afterAll(async () => {
    await app.kill();
    await redis.stop();
    folder.remove();
  });

  /** Gives the status, or 0 when there was no answer. */
  const send = async (id: string): Promise<number> => {
    const body = JSON.stringify({ type: "invoice.paid", id });
    const headers = { ...generateTestHeaders({ id, body, secret }) };
    return fetch(`${url}/in/billing`, { method: "POST", body, headers }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
  };

  it("have every acknowledged event exactly once", { timeout: 900_000 }, async () => {
    const acknowledged = new Set<string>();
    const unexpected = new Set<number>();
    const ending = new AbortController();
    let sent = 0;
    const client = async () => {
      while (!ending.signal.aborted) {
        const id = `evt_${(sent += 1)}`;
        for (let status = 0; status !== 202 && status !== 200;) {
          status = await send(id);
          if (![0, 200, 202, 503].includes(status)) unexpected.add(status);
          if (status === 0 || status === 503) await pause(20);
        }
        acknowledged.add(id);
      }
    };
    const running = Array.from({ length: clients }, client);
    for (let kill = 0; kill < kills; kill += 1) {
      const reached = acknowledged.size + eventsPerKill;
      await until(() => acknowledged.size >= reached, { timeoutMs: 180_000 });
      if (kill % 2 === 0) await redis.restart();
      else {
        await app.kill();
        app = await start();
      }
    }
    ending.abort();
    await Promise.all(running);
    const inbox = createRedisInbox({ url: redis.url, commandTimeoutMs: 30_000 });
    await until(() => inbox.selfCheck());
    const entries = await until(() => inbox.events({ source: "billing", state: "waiting", limit: 100_000 }));
    await inbox.close();
    const kept = entries.map(({ eventId }) => eventId);
    const repeated = new Set(kept.filter((id, index) => kept.indexOf(id) !== index));
    // What was under way when Redis died may be repeated, and nothing else; this shows such events as they are kept.
    const half = halfTransactions(redis.log());
    const mayRepeat = (id: string) => half.includes(`"${id}"`);
    expect(entries.filter(({ eventId }) => repeated.has(eventId) && !mayRepeat(eventId))).toEqual([]);
    expect(new Set(kept)).toEqual(acknowledged);
    expect(acknowledged.size).toBeGreaterThanOrEqual(kills * eventsPerKill);
    expect([...unexpected]).toEqual([]);
  });
});
