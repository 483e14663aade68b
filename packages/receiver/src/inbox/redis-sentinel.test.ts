import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createTemporaryFolder,
  freePort,
  requireServer,
  type RedisServer,
  startChild,
  startRedis,
  until,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { expect, it } from "vitest";
import { event } from "./conformance/given.ts";
import { createRedisInbox } from "./redis.ts";

async function startSentinel(primary: RedisServer) {
  const folder = createTemporaryFolder("hooks-sentinel");
  const port = await freePort();
  const file = join(folder.path, "sentinel.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder.path}`,
    `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
    "sentinel down-after-milliseconds main 5000",
    "sentinel failover-timeout main 2000",
  ];
  writeFileSync(file, lines.join("\n"));
  const child = await startChild(requireServer("redis"), [file, "--sentinel"]);
  return {
    port,
    stop: async () => {
      child.signal("SIGKILL");
      await child.exited;
      folder.remove();
    },
  };
}

async function ask(port: number, ...command: readonly [string, ...string[]]): Promise<string> {
  const client = new Redis(port, "127.0.0.1", { retryStrategy: () => null });
  client.on("error", () => {});
  try {
    return JSON.stringify(await client.call(...command));
  } finally {
    client.disconnect();
  }
}

describeWithServer("redis", "createRedisInbox behind Sentinel", () => {
  it("goes over to the new primary, which has what a replica had to have", async () => {
    const primary = await startRedis({ args: ["--repl-diskless-sync-delay", "0"] });
    const replica = await startRedis({ args: ["--replicaof", "127.0.0.1", String(primary.port)] });
    await until(async () => (await ask(replica.port, "INFO", "replication")).includes("link_status:up"));
    const sentinel = await startSentinel(primary);
    // It learns of replicas by asking the primary.
    await until(async () =>
      (await ask(sentinel.port, "SENTINEL", "replicas", "main")).includes(`${replica.port}`),
    );
    const url = `redis://127.0.0.1:${sentinel.port}?sentinel=main`;
    const strict = createRedisInbox({ url: `${url}&replicas=1` });
    const inbox = createRedisInbox({ url });
    await until(() => strict.accept(event({ eventId: "before" })));
    await primary.kill();
    // Sentinel itself does nothing for half a minute after a stall.
    await until(() => inbox.accept(event({ eventId: "later" })), { timeoutMs: 180_000 });
    expect(await until(() => inbox.accept(event({ eventId: "before" })))).toBe("duplicate");
    expect((await until(() => inbox.depth("billing"))).waiting).toBe(2);
    await Promise.all([strict.close(), inbox.close(), sentinel.stop(), replica.stop(), primary.stop()]);
  }, 400_000);
});
