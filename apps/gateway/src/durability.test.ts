import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { createRedisInbox } from "@hooks/receiver/redis";
import { Redis } from "ioredis";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loadConfig } from "./config.ts";
import { type Durability, type DurabilityOptions, watchDurability } from "./durability.ts";
import { createGateway } from "./gateway.ts";
import { silentLog } from "./test-support/silent-log.ts";

/** For a machine that stalls. */
const patient = { commandTimeoutMs: 30_000 };

describeWithServer("redis", "watchDurability", () => {
  let redis: RedisServer;
  let operator: Redis;
  let watched: Durability[];
  let lines: string[];
  beforeEach(async () => {
    redis = await startRedis();
    operator = new Redis(redis.url);
    [watched, lines] = [[], []];
  });
  afterEach(async () => {
    for (const { stop, inbox } of watched) {
      stop();
      await inbox.close();
    }
    operator.disconnect();
    await redis.stop();
  });

  const watch = async (options: Pick<DurabilityOptions, "durability"> & Partial<DurabilityOptions>) => {
    const log = {
      error: (_: object, message: string) => void lines.push(message),
      info: (_: object, message: string) => void lines.push(message),
    };
    const durability = watchDurability({
      inbox: createRedisInbox({ url: redis.url, ...patient }),
      log,
      ...options,
    });
    watched.push(durability);
    await durability.start();
    return durability;
  };
  /** As if behind the same name there were another server, with settings of its own. */
  const failOver = () =>
    operator
      .multi([
        ["config", "set", "appendonly", "no"],
        ["client", "kill", "type", "normal", "skipme", "yes"],
      ])
      .exec();

  it("refuses what may be lost when a setting was changed, and accepts again when it is mended", async () => {
    const durability = await watch({ durability: "strict", everyMs: 10 });
    expect([await accept(durability), durability.isKept(), durability.isAccepting()]).toEqual([
      "accepted",
      true,
      true,
    ]);
    await operator.config("SET", "appendfsync", "everysec");
    await until(() => !durability.isKept());
    expect([await accept(durability), durability.isAccepting()]).toEqual(["durability_unavailable", false]);
    await expect(durability.inbox.acceptBatch([event()])).rejects.toMatchObject({
      code: "durability_unavailable",
    });
    await operator.config("SET", "appendfsync", "always");
    await until(() => durability.isAccepting());
    expect([await accept(durability), durability.isKept()]).toEqual(["accepted", true]);
    expect(lines).toEqual([
      "self-check: Redis: appendfsync is everysec, must be always: acknowledged events of the last second are lost in a crash",
      "self-check: the inbox is safe again",
    ]);
  });

  it("accepts nothing over a new connection before it has looked", async () => {
    const durability = await watch({ durability: "strict" });
    expect(await accept(durability)).toBe("accepted");
    await failOver();
    const results = new Set<string>();
    await until(async () => results.add(await accept(durability)).has("durability_unavailable"));
    expect([...results]).not.toContain("accepted");
    expect(lines).toEqual([expect.stringContaining("appendonly is no, must be yes")]);
  });

  it("has an event wait while it looks over a new connection, but not for long", async () => {
    const inbox = createRedisInbox({ url: redis.url, ...patient });
    const found = await inbox.selfCheck();
    const listeners: (() => void)[] = [];
    const reconnect = () => listeners.forEach((listener) => listener());
    let answered = Promise.resolve();
    const durability = await watch({
      inbox: {
        ...inbox,
        onReconnect: (listener) => void listeners.push(listener),
        selfCheck: () => answered.then(() => found),
      },
      durability: "strict",
    });
    const first = Promise.withResolvers<void>();
    answered = first.promise;
    reconnect();
    const waiting = accept(durability);
    first.resolve();
    expect(await waiting).toBe("accepted");
    answered = new Promise(() => {});
    reconnect();
    expect(await accept(durability)).toBe("queue_unavailable");
  });

  it("acknowledges nothing that was stored over a connection that nobody has looked over", async () => {
    const inbox = createRedisInbox({ url: redis.url, ...patient });
    let findings = await inbox.selfCheck();
    const listeners: (() => void)[] = [];
    const durability = await watch({
      inbox: {
        ...inbox,
        onReconnect: (listener) => void listeners.push(listener),
        selfCheck: async () => findings,
        accept: (one) => {
          for (const listener of listeners) listener();
          return inbox.accept(one);
        },
      },
      durability: "strict",
    });
    expect(await accept(durability)).toBe("accepted");
    await until(() => durability.isAccepting());
    findings = [{ level: "unsafe", message: "it is another server" }];
    expect(await accept(durability)).toBe("durability_unavailable");
  });

  it("tells what became unsafe, and accepts it, where that was asked for", async () => {
    await operator.config("SET", "appendfsync", "everysec");
    const durability = await watch({ durability: "relaxed", everyMs: 10 });
    expect([await accept(durability), durability.isKept(), lines]).toEqual(["accepted", false, []]);
    await operator.config("SET", "appendonly", "no");
    await until(() => lines.length > 0);
    expect(lines).toEqual([expect.stringContaining("appendonly is no, must be yes")]);
    expect([await accept(durability), durability.isAccepting()]).toEqual(["accepted", true]);
  });

  it("looks no more when it is stopped", async () => {
    const inbox = createRedisInbox({ url: redis.url, ...patient });
    const selfCheck = vi.fn(inbox.selfCheck);
    const durability = await watch({ durability: "strict", inbox: { ...inbox, selfCheck } });
    durability.stop();
    await turn();
    expect(selfCheck).toHaveBeenCalledOnce();
  });

  it("is asked by /readyz and /metrics", async () => {
    const loaded = loadConfig({ env: { PORT: "0", INBOX_URL: redis.url }, readFile: () => "" });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const gateway = await createGateway({ config: loaded.config, log: silentLog });
    const port = await gateway.start();
    const ask = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return `${answer.status} ${await answer.text()}`;
    };
    await until(async () => (await ask("/readyz")).startsWith("200 "));
    await until(async () => (await ask("/metrics")).includes("\nhooks_gateway_inbox_durable 1\n"));
    await failOver();
    await until(async () => (await ask("/metrics")).includes("\nhooks_gateway_inbox_durable 0\n"));
    expect(await ask("/readyz")).toMatch(/^503 /);
    await gateway.stop();
  });
});

function accept({ inbox }: Durability): Promise<string> {
  return inbox.accept(event()).catch(({ code }: { readonly code: string }) => code);
}

function event() {
  return {
    source: "billing",
    eventId: crypto.randomUUID(),
    eventType: undefined,
    headers: {},
    body: Buffer.from("{}"),
    receivedAtMs: Date.now(),
  };
}
