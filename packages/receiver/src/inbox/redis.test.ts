import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Inbox, InboxUnavailable } from "../inbox.ts";
import { describeInbox } from "./conformance.ts";
import { claim, done, renew, retry } from "./conformance/given.ts";
import { createRedisInbox, type RedisInboxSettings } from "./redis.ts";

/** For a busy machine. */
const patient = { commandTimeoutMs: 30_000 };

describeWithServer("redis", "createRedisInbox", () => {
  let server: RedisServer;
  let prefix = "first";
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  const open = async (options: RedisInboxSettings = {}): Promise<Inbox> => {
    const inbox = createRedisInbox({ url: server.url, prefix, ...options });
    await until(() => inbox.selfCheck());
    await until(() => inbox.accept(event({ source: "ready", eventId: randomUUID() })));
    // That was news, which the tests must not be told of.
    await inbox.wait({ timeoutMs: 10_000 });
    return inbox;
  };

  describeInbox("redis", {
    open: (options) => open({ ...patient, ...options }),
    clear: async () => void (prefix = randomUUID()),
  });

  describe("a Redis in trouble", () => {
    it("fails within a second while Redis hangs, and never counts one event twice", async () => {
      const inbox = await open();
      server.pause();
      await refusedWithin(1_000, () => inbox.accept(event()));
      server.resume();
      const result = await until(() => inbox.accept(event()));
      expect(["accepted", "duplicate"]).toContain(result);
      expect((await until(() => inbox.depth("billing"))).waiting).toBe(1);
      await inbox.close();
    });

    it("fails at once while Redis is gone, and accepts again when it is back", async () => {
      const inbox = await open(patient);
      expect(await inbox.accept(event({ eventId: "before" }))).toBe("accepted");
      await server.kill();
      await refusedWithin(1_000, () => inbox.accept(event({ eventId: "lost" })));
      await server.restart();
      expect(await until(() => inbox.accept(event({ eventId: "before" })))).toBe("duplicate");
      expect(await inbox.accept(event({ eventId: "lost" }))).toBe("accepted");
      await inbox.close();
    });

    it("claims and settles late where it is told to be patient", async () => {
      const inbox = await open(patient);
      await inbox.accept(event());
      server.pause();
      const claiming = claim(inbox);
      // Longer than these may take by themselves, and than a connection is believed in.
      await pause(4_000);
      server.resume();
      const held = await claiming;
      expect(held.length).toBeGreaterThan(0);
      expect(await inbox.settle(held.map(done))).toEqual(held.map(() => true));
      await inbox.close();
    });

    it("refuses to accept with fewer replicas than demanded", async () => {
      const inbox = await open();
      const strict = createRedisInbox({ url: server.url, prefix, replicas: 1 });
      await until(() => strict.selfCheck());
      const code = await until(async () => {
        const refused = await strict.accept(event({ eventId: "r" })).catch((error: unknown) => error);
        // That is said of a server that took too long to say anything.
        return codeOf(refused) !== "queue_unavailable" && codeOf(refused);
      });
      expect(code).toBe("durability_unavailable");
      await Promise.all([inbox.close(), strict.close()]);
    });
  });

  describe("where the clocks are apart", () => {
    beforeEach(() => void (prefix = randomUUID()));
    afterEach(() => void vi.useRealTimers());

    it("leaves to another process what it has leased", async () => {
      const [here, there] = [await open(patient), await open(patient)];
      await here.accept(event());
      expect(await claim(here)).toHaveLength(1);
      setAheadMs(3_600_000);
      expect(await claim(there)).toEqual([]);
      await Promise.all([here.close(), there.close()]);
    });

    it("gives again what is due, by whichever clock it was put off", async () => {
      const [here, there] = [await open(patient), await open(patient)];
      await here.accept(event());
      setAheadMs(3_600_000);
      await here.settle((await claim(here)).map((entry) => retry(entry, 0)));
      vi.useRealTimers();
      expect(await claim(there)).toMatchObject([{ attempt: 2 }]);
      await Promise.all([here.close(), there.close()]);
    });

    it("warns, because timestamps of signatures go by the one here", async () => {
      const inbox = await open(patient);
      const warnings = async () =>
        (await inbox.selfCheck()).flatMap(({ level, message }) => (level === "ok" ? [] : [level, message]));
      expect(await warnings()).toEqual([]);
      setAheadMs(60_000);
      expect(await warnings()).toEqual([
        "warning",
        expect.stringMatching(/^Redis: its clock and the one here are (?:59|60|61) s apart/),
      ]);
      await inbox.close();
    });
  });

  it("finds within a minute what is not in the index, as what an earlier version has accepted", async () => {
    prefix = randomUUID();
    const inbox = await open(patient);
    await inbox.accept({ ...event(), destinations: ["orders"] });
    const redis = new Redis(server.url);
    expect(await redis.del(`${prefix}:ready`)).toBe(1);
    const sources = new Set(["billing"]);
    vi.useFakeTimers({ toFake: ["performance"] });
    expect(await inbox.due(sources)).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(await inbox.due(sources)).toEqual([{ source: "billing" }]);
    vi.useRealTimers();
    expect(await claim(inbox)).toHaveLength(1);
    expect(await redis.zscore(`${prefix}:ready`, "billing\norders")).not.toBeNull();
    redis.disconnect();
    await inbox.close();
  });

  it("takes over the settings of a client, and leaves it as it is", async () => {
    const given = { lazyConnect: true, stringNumbers: true, keyPrefix: `${randomUUID()}:` };
    const redis = new Redis(server.url, { ...given, enableOfflineQueue: false });
    const inbox = createRedisInbox({ redis, ...patient });
    await until(() => inbox.selfCheck());
    await until(() => inbox.accept(event()));
    expect(await inbox.accept(event())).toBe("duplicate");
    const claimed = await claim(inbox);
    expect(await renew(inbox, { claims: claimed, leaseMs: 30_000 })).toEqual([true]);
    expect(await inbox.settle(claimed.map(done))).toEqual([true]);
    await inbox.close();
    expect(redis.status).toBe("wait");
    await redis.connect();
    expect(await redis.exists("hooks:{billing}:destinations")).toBe("1");
    redis.disconnect();
  });

  it("has to be told where Redis is, and only once", async () => {
    // @ts-expect-error -- neither `url` nor `redis`
    expect(() => createRedisInbox({ prefix })).toThrow(/^Expected redis:/);
    // @ts-expect-error -- both
    await createRedisInbox({ url: server.url, redis: server.url }).close();
    const inbox = createRedisInbox({ url: server.url, redis: undefined });
    await until(() => inbox.selfCheck());
    await inbox.close();
  });

  it("finds that its database does not exist", async () => {
    const inbox = createRedisInbox({ url: `${server.url}/99`, prefix });
    const findings = (await until(() => inbox.selfCheck())).filter(({ level }) => level !== "ok");
    const message = "Redis: its database 99 cannot be used, so events would go to database 0";
    expect(findings).toEqual([{ level: "unsafe", message }]);
    const other = createRedisInbox({ url: `${server.url}/9`, prefix });
    expect((await until(() => other.selfCheck())).filter(({ level }) => level !== "ok")).toEqual([]);
    await Promise.all([inbox.close(), other.close()]);
  });

  it("checks the server that takes the events, also while it works with another", async () => {
    const [before, after] = await Promise.all([startRedis(), startRedis({ appendfsync: "everysec" })]);
    let { port } = before;
    const balancer = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      near.pipe(far).pipe(near);
      for (const socket of [near, far])
        socket.on("error", () => {}).on("close", () => (near.destroy(), far.destroy()));
    });
    await once(balancer.listen(0, "127.0.0.1"), "listening");
    const inbox = createRedisInbox({ url: `redis://127.0.0.1:${(balancer.address() as AddressInfo).port}` });
    const isUnsafe = async () => (await inbox.selfCheck()).some(({ level }) => level === "unsafe");
    await until(async () => !(await isUnsafe()));
    port = after.port;
    const operator = new Redis(before.url);
    const [, id = ""] = /^id=(\d+) .* name=hooks-accept /m.exec(String(await operator.client("LIST"))) ?? [];
    expect(await operator.client("KILL", "ID", Number(id))).toBe(1);
    await until(isUnsafe);
    operator.disconnect();
    await inbox.close();
    balancer.close();
    await Promise.all([before.stop(), after.stop()]);
  });

  it("ends the wait when a claim has passed over more than it may look at once", async () => {
    const inbox = createRedisInbox({ url: server.url, prefix: randomUUID(), ...patient });
    await until(() => inbox.selfCheck());
    const others = Array.from({ length: 1_500 }, (_, index) => ({
      ...event({ eventId: `${index}` }),
      destinations: ["orders"],
    }));
    await inbox.acceptBatch(others);
    // Of what was accepted.
    await inbox.wait({ timeoutMs: 10_000 });
    const lane = { source: "billing", destination: "audit", routes: ["audit"] };
    const claiming = { ...lane, limit: 10, leaseMs: 30_000 };
    const isDue = async () =>
      (await inbox.due(new Set(["billing"]))).some((one) => one.destination === "audit");
    expect([await inbox.claim(claiming), await isDue()]).toEqual([[], true]);
    // Longer than a test may take.
    await inbox.wait({ timeoutMs: 3_600_000 });
    expect([await inbox.claim(claiming), await isDue()]).toEqual([[], false]);
    await inbox.close();
  });

  it("finds every unsafe setting", async () => {
    const unsafe = await startRedis({ appendfsync: "everysec", maxmemoryPolicy: "allkeys-lru" });
    const inbox = createRedisInbox({ url: unsafe.url });
    const findings = (await until(() => inbox.selfCheck())).filter(({ level }) => level === "unsafe");
    expect(findings.map(({ message }) => message)).toEqual([
      "Redis: appendfsync is everysec, must be always: acknowledged events of the last second are lost in a crash",
      "Redis: maxmemory-policy is allkeys-lru, must be noeviction: waiting events and remembered ids may be evicted",
    ]);
    await inbox.close();
    await unsafe.stop();
  });
});

const codeOf = (result: unknown) => (result instanceof InboxUnavailable ? result.code : result);

/** Is refused within so long at some time: however slow a machine is, some time it is not. */
async function refusedWithin(ms: number, accept: () => Promise<unknown>): Promise<void> {
  await until(async () => {
    const started = performance.now();
    const result = await accept().catch((error: unknown) => error);
    const tookMs = performance.now() - started;
    expect.soft(codeOf(result)).toBe("queue_unavailable");
    return tookMs < ms;
  });
}

function setAheadMs(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

function event(given: { readonly source?: string; readonly eventId?: string } = {}) {
  return {
    source: "billing",
    eventId: "evt_1",
    eventType: undefined,
    headers: {},
    body: Buffer.from("{}"),
    receivedAtMs: Date.now(),
    ...given,
  };
}
