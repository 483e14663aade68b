import { type RedisCluster, type RedisServer, startRedisCluster, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Cluster, Redis } from "ioredis";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import type { AcceptResult, Inbox, InboxUnavailable } from "../inbox.ts";
import { describeInbox } from "./conformance.ts";
import { claim, done, event } from "./conformance/given.ts";
import { connectInbox } from "./redis-client.ts";
import { createRedisInbox, type RedisInboxSettings } from "./redis.ts";

/** For a machine that stalls. */
const patient = { commandTimeoutMs: 30_000 };

const isReplica = async (node: Redis) => (await node.role())[0] === "slave";

describeWithServer("redis", "createRedisInbox in a cluster", () => {
  let cluster: RedisCluster;
  let prefix: string = randomUUID();
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  const openIn = async (where: RedisCluster, options: RedisInboxSettings = {}): Promise<Inbox> => {
    const hosts = where.urls.map((url) => new URL(url).host).join(",");
    const inbox = createRedisInbox({ url: `redis://${hosts}?cluster=true`, prefix, ...options });
    await until(() => inbox.selfCheck());
    await until(() => inbox.accept(event({ source: "ready", eventId: randomUUID() })));
    // That was something to claim, which the tests must not be told of.
    await inbox.wait({ timeoutMs: 0 });
    return inbox;
  };

  describeInbox("redis cluster", {
    open: (options) => openIn(cluster, { ...patient, ...options }),
    guesses: true,
    clear: async () => void (prefix = randomUUID()),
  });

  it("takes over the settings of a client", async () => {
    const redisOptions = { stringNumbers: true };
    const redis = new Cluster([...cluster.urls], { lazyConnect: true, scaleReads: "slave", redisOptions });
    const inbox = createRedisInbox({ redis, prefix, ...patient });
    await until(() => inbox.selfCheck());
    await until(() => inbox.accept(event()));
    const claimed = await until(() => claim(inbox));
    expect(await inbox.settle(claimed.map(done))).toEqual([true]);
    expect(inbox.failsBySource).toBe(true);
    await inbox.close();
    expect(redis.status).toBe("wait");
  });

  it("tells when a node was away, before it accepts anything there", async () => {
    const inbox = await openIn(cluster);
    const [[node, source] = []] = [...(await scattered())];
    await node!.kill();
    const happened: string[] = [];
    inbox.onReconnect?.(() => happened.push("told"));
    await node!.restart();
    await until(() => inbox.accept(event({ source: source! })));
    happened.push("accepted");
    expect(happened.indexOf("told")).toBe(0);
    await inbox.close();
  });

  /** Sources that different nodes keep. */
  const scattered = async (): Promise<ReadonlyMap<RedisServer, string>> => {
    const owners = new Map<RedisServer, string>();
    for (let n = 0; owners.size < 3; n++) {
      owners.set(await cluster.ownerOf(`${prefix}:{s${n}}:entries`), `s${n}`);
    }
    return owners;
  };

  it("keeps every event exactly once while its slot moves to another node and back", async () => {
    const inbox = await openIn(cluster, patient);
    const key = `${prefix}:{billing}:entries`;
    const before = await cluster.ownerOf(key);
    const other = cluster.nodes.find((node) => node !== before);
    const moving = new AbortController();
    const accepted = new Set<string>();
    const send = async (eventId: string) => {
      const take = () => inbox.accept(event({ eventId }));
      await until(take);
      accepted.add(eventId);
    };
    const sending = (async () => {
      for (let n = 0; !moving.signal.aborted; n++) {
        await Promise.all(Array.from({ length: 20 }, (_, index) => send(`e${n * 20 + index}`)));
      }
    })();
    await until(() => accepted.size > 200);
    await cluster.move(key, other!);
    await cluster.move(key, before);
    moving.abort();
    await sending;
    const again = [...accepted].map((eventId) => until(() => inbox.accept(event({ eventId }))));
    const repeated = await Promise.all(again);
    expect(new Set<AcceptResult>(repeated)).toEqual(new Set(["duplicate"]));
    const claimed: string[] = [];
    for (let some = await claim(inbox); some.length > 0; some = await claim(inbox)) {
      claimed.push(...some.map(({ eventId }) => eventId));
      await inbox.settle(some.map(done));
    }
    expect(claimed.toSorted()).toEqual([...accepted].toSorted());
    await inbox.close();
  });

  it("goes on with the sources of other nodes while one is hung or gone", async () => {
    const inbox = await openIn(cluster);
    const [away, ...present] = await scattered();
    const [node, source] = away!;
    const refused = { code: "queue_unavailable" };
    const expectOthers = async () => {
      for (const [, other] of present) {
        const eventId = randomUUID();
        // What was sent again may have been stored before.
        const result = await until(() => inbox.accept(event({ source: other, eventId })));
        expect(["accepted", "duplicate"]).toContain(result);
      }
    };
    node.pause();
    await Promise.all([
      expect(inbox.accept(event({ source, eventId: "hung" }))).rejects.toMatchObject(refused),
      expectOthers(),
    ]);
    node.resume();
    expect(["accepted", "duplicate"]).toContain(
      await until(() => inbox.accept(event({ source, eventId: "hung" }))),
    );
    await node.kill();
    await expect(inbox.accept(event({ source, eventId: "gone" }))).rejects.toMatchObject(refused);
    await expectOthers();
    await node.restart();
    expect(await until(() => inbox.accept(event({ source, eventId: "hung" })))).toBe("duplicate");
    await inbox.close();
  });

  it("checks every primary", async () => {
    const inbox = await openIn(cluster, patient);
    expect(await until(() => inbox.selfCheck())).toEqual([
      { level: "ok", message: expect.stringMatching(/^Redis: version 7/) as unknown },
      { level: "ok", message: "Redis: role master" },
      { level: "ok", message: "Redis: appendonly yes" },
      { level: "ok", message: "Redis: appendfsync always" },
      { level: "ok", message: "Redis: maxmemory-policy noeviction" },
      { level: "ok", message: "Redis: cluster state ok" },
    ]);
    await inbox.close();
  });

  it("tells when replicas take over from primaries that live", async () => {
    const pairs = await startRedisCluster({ replicas: 1 });
    onTestFinished(() => pairs.stop());
    const nodes = pairs.urls.map((url) => new Redis(url));
    // Replicas that have nothing are not shown.
    for (const node of nodes) if (!(await isReplica(node))) await node.flushall();
    const redis = new Cluster([...pairs.urls], { lazyConnect: true });
    const client = connectInbox(redis, { connectionName: "hooks-test", commandTimeout: 30_000 });
    // Nothing is left to learn of then but who leads.
    await until(() => (client as unknown as Cluster).nodes("slave").length === 3);
    const told = Promise.withResolvers<void>();
    client.onReconnect(told.resolve);
    for (const node of nodes) if (await isReplica(node)) await until(() => node.cluster("FAILOVER"));
    await told.promise;
    for (const one of [client, ...nodes]) one.disconnect();
  });

  it("tells nothing of a node that stays away", async () => {
    const redis = new Cluster([...cluster.urls], { lazyConnect: true });
    const client = connectInbox(redis, { connectionName: "hooks-test", commandTimeout: 30_000 });
    const tries = vi.fn<() => void>();
    const ask = () => Promise.allSettled(client.primaries().map((primary) => primary.ping()));
    await until(async () => {
      await ask();
      return client.primaries().filter(({ status }) => status === "ready").length === 3;
    });
    const [node] = cluster.nodes;
    const told: string[] = [];
    client.onReconnect(() => told.push("told"));
    (client as unknown as Cluster).on("+node", tries);
    await node!.kill();
    await until(async () => {
      await Promise.all([client.refresh(), ask()]);
      return tries.mock.calls.length > 2;
    });
    expect(told).toEqual([]);
    await node!.restart();
    await until(async () => {
      await Promise.all([client.refresh(), ask()]);
      return told.length > 0;
    });
    client.disconnect();
  });

  it("loses nothing that a replica had to have when a primary dies", async () => {
    const pairs = await startRedisCluster({ replicas: 1 });
    onTestFinished(() => pairs.stop());
    const inbox = await openIn(pairs, { replicas: 1 });
    const primary = await pairs.ownerOf(`${prefix}:{billing}:entries`);
    const accepted: string[] = [];
    const send = async (eventId: string) => {
      const result = await inbox.accept(event({ eventId })).catch(() => undefined);
      if (result !== undefined) accepted.push(eventId);
    };
    const killed = new AbortController();
    const sending = (async () => {
      for (let n = 0; !killed.signal.aborted; n++) await send(`e${n}`);
    })();
    await until(() => accepted.length > 300);
    await primary.kill();
    killed.abort();
    await sending;
    // The replica is the primary now and has no replica.
    const alone = await openIn(pairs, { replicas: 0, ...patient });
    await until(() => alone.accept(event({ eventId: "after" })));
    for (const eventId of accepted) {
      expect(await until(() => alone.accept(event({ eventId }))), eventId).toBe("duplicate");
    }
    const acceptLater = () =>
      inbox.accept(event({ eventId: "later" })).catch(({ code }: InboxUnavailable) => code);
    // Refused as unavailable until its client knows the new primary, then because that has no replica.
    const refused = await until(async () => {
      const result = await acceptLater();
      return result !== "queue_unavailable" && result;
    });
    expect(refused).toBe("durability_unavailable");
    await Promise.all([inbox.close(), alone.close()]);
  });
});
