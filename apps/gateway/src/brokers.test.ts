import { generateSecret, generateTestHeaders } from "@hooks/signing";
import {
  createTemporaryFolder,
  type NatsServer,
  type RedisServer,
  startNats,
  startRedis,
  until,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { silentLog } from "./test-support/silent-log.ts";

describeWithServer("nats", "a gateway with brokers", () => {
  describeWithServer("redis", "on Redis", () => {
    const folder = createTemporaryFolder("hooks-gateway-brokers");
    const secret = generateSecret();
    let redis: RedisServer;
    let nats: NatsServer;
    let connection: NatsConnection;
    let gateway: Gateway;
    let port: number;
    beforeAll(async () => {
      [redis, nats] = await Promise.all([startRedis(), startNats()]);
      connection = await connect({ servers: nats.url });
      const file = {
        sources: {
          billing: {
            provider: "standard-webhooks",
            secrets: [secret],
            destinations: ["jobs", "bus", "log"],
            orderBy: "subject",
          },
        },
        destinations: {
          jobs: { type: "bullmq", url: redis.url, queue: "jobs", attempts: 5 },
          bus: {
            type: "nats",
            url: nats.url,
            subject: "hooks.billing",
            retry: Array(100).fill("1s").join(", "),
          },
          log: { type: "redis-stream", url: redis.url, stream: "log" },
        },
      };
      const env = { HOOKS_CONFIG: "x", PORT: "0", INBOX_URL: `sqlite:${folder.path}/inbox.db` };
      const loaded = loadConfig({ env, readFile: () => JSON.stringify(file) });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      gateway = await createGateway({ config: loaded.config, log: silentLog });
      port = await gateway.start();
    });
    afterAll(async () => {
      await gateway.stop();
      await connection.close();
      await Promise.all([redis.stop(), nats.stop()]);
      folder.remove();
    });

    it("forwards to each at its own pace, and in order", async () => {
      const bodies = Array.from({ length: 5 }, (_, index) => JSON.stringify({ subject: "inv_1", index }));
      for (const [index, body] of bodies.entries()) {
        const headers = { ...generateTestHeaders({ body, secret, id: `evt_${index}` }) };
        const response = await fetch(`http://127.0.0.1:${port}/in/billing`, {
          method: "POST",
          body,
          headers,
        });
        expect(response.status).toBe(202);
      }
      const client = new Redis(redis.url, { maxRetriesPerRequest: null });
      const queue = new Queue("jobs", { connection: client });
      // One whose confirmation was late comes twice.
      const logged = async () =>
        new Set((await client.xrange("log", "-", "+")).map(([, row]) => row[row.indexOf("id") + 1]));
      await until(async () => (await queue.getWaitingCount()) === 5 && (await logged()).size === 5);
      const jobs = await queue.getJobs(["waiting"], 0, -1, true);
      expect(jobs.map(({ data }) => (data as { body: string }).body)).toEqual(bodies);
      // There is no stream yet that takes the subject, so the others are through with it and NATS is not.
      expect((await gateway.inbox.depth("billing")).waiting).toBeGreaterThan(0);
      const manager = await jetstreamManager(connection);
      await manager.streams.add({ name: "hooks", subjects: ["hooks.>"] });
      const consumer = await jetstream(connection).consumers.get("hooks");
      const found: string[] = [];
      for await (const message of await consumer.consume({ max_messages: 5 })) {
        expect(message.headers?.get("hooks-source")).toBe("billing");
        message.ack();
        if (found.push(message.string()) === 5) break;
      }
      expect(found).toEqual(bodies);
      await until(async () => (await gateway.inbox.depth("billing")).waiting === 0);
      await queue.close();
      client.disconnect();
    });
  });
});
