import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterEach, expect, it } from "vitest";
import type { Inbox, InboxUnavailable } from "../inbox.ts";
import { event } from "./conformance/given.ts";
import { createRedisInbox } from "./redis.ts";

/** A slow link to a server. Once it is cut, what is on its way is lost and nothing comes through, but nobody is told. */
async function startLink(port: number, delayMs: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const join = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on("data", (data) => setTimeout(() => isCut || to.write(data), delayMs));
    from.on("error", () => {}).on("close", () => isCut || to.destroy());
  };
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(port, "127.0.0.1");
    join(near, far);
    join(far, near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => void (isCut = true),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** What became of what was sent so far. */
interface Sent {
  readonly accepted: readonly string[];
  readonly refusals: ReadonlySet<string>;
}

describeWithServer("redis", "createRedisInbox, when the primary is cut off from its replica and dies", () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  const operate = (redis: RedisServer): Redis => {
    const client = new Redis(redis.url);
    client.on("error", () => {});
    ends.push(() => client.disconnect());
    return client;
  };
  const open = async (redis: RedisServer, replicas: number, options = {}): Promise<Inbox> => {
    const inbox = createRedisInbox({ url: redis.url, replicas, ...options });
    ends.push(() => inbox.close());
    await until(() => inbox.selfCheck());
    await until(() => inbox.accept(event({ source: "ready" })));
    return inbox;
  };

  const fail = async (replicas: number, alone: (sent: Sent) => Promise<unknown>) => {
    const primary = await startRedis({ args: ["--repl-diskless-sync-delay", "0"] });
    ends.push(() => primary.stop());
    const link = await startLink(primary.port, 10);
    ends.push(link.close);
    const replica = await startRedis({ args: ["--replicaof", "127.0.0.1", String(link.port)] });
    ends.push(() => replica.stop());
    const replicaClient = operate(replica);
    await until(async () => /master_link_status:up/.test(await replicaClient.info("replication")));
    const inbox = await open(primary, replicas);

    const accepted: string[] = [];
    const refusals = new Set<string>();
    const ending = new AbortController();
    let sent = 0;
    const sender = async () => {
      while (!ending.signal.aborted) {
        const eventId = `e${(sent += 1)}`;
        await inbox.accept(event({ eventId })).then(
          () => accepted.push(eventId),
          // At once, when the primary is gone: the test has to go on, too.
          async ({ code }: InboxUnavailable) => pause(5).then(() => refusals.add(code)),
        );
      }
    };
    const senders = Array.from({ length: 16 }, sender);
    await until(() => accepted.length > 300);
    link.cut();
    await alone({ accepted, refusals });
    await primary.kill();
    ending.abort();
    await Promise.all(senders);
    await replicaClient.replicaof("NO", "ONE");
    const promoted = await open(replica, 0, { commandTimeoutMs: 30_000 });
    const results = await Promise.all(accepted.map((eventId) => promoted.accept(event({ eventId }))));
    return { lost: results.filter((result) => result !== "duplicate").length };
  };

  it.each([0, 300])("loses nothing that the replica had to have (%i ms)", async (ms) => {
    expect((await fail(1, () => pause(ms))).lost).toBe(0);
  });

  it("loses nothing that the replica had to have (until it refuses)", async () => {
    const { lost } = await fail(1, ({ refusals }) => until(() => refusals.has("durability_unavailable")));
    expect(lost).toBe(0);
  });

  it("loses what it had not to have", async () => {
    const { lost } = await fail(0, ({ accepted }) => {
      const before = accepted.length;
      return until(() => accepted.length > before + 50);
    });
    expect(lost).toBeGreaterThan(0);
  });
});
