import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import type { Inbox, InboxUnavailable } from "../inbox.ts";
import { claim, done, event } from "./conformance/given.ts";
import { createRedisInbox, type RedisInboxSettings } from "./redis.ts";

/** For a machine that stalls. */
const patient = { commandTimeoutMs: 30_000 };

describeWithServer("redis", "createRedisInbox, when Redis", () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  const start = async (args: readonly string[] = []): Promise<RedisServer> => {
    const redis = await startRedis({ args });
    ends.push(() => redis.stop());
    return redis;
  };
  const open = async (redis: RedisServer, options: RedisInboxSettings = {}): Promise<Inbox> => {
    const inbox = createRedisInbox({ url: redis.url, ...patient, ...options });
    ends.push(() => inbox.close());
    await until(() => inbox.selfCheck());
    return inbox;
  };
  const operate = (redis: RedisServer): Redis => {
    const client = new Redis(redis.url);
    ends.push(() => client.disconnect());
    return client;
  };

  const pair = async () => {
    const primary = await start(["--repl-diskless-sync-delay", "0"]);
    const replica = await start(["--replicaof", "127.0.0.1", String(primary.port)]);
    await until(async () => /master_link_status:up/.test(await operate(replica).info("replication")));
    return { primary, replica };
  };

  it("is emptied, begins anew", async () => {
    const redis = await start();
    const inbox = await open(redis);
    await until(() => inbox.accept(event({ eventId: "a" })));
    const [held] = await claim(inbox);
    await operate(redis).flushall();
    expect(await inbox.settle([done(held!)])).toEqual([false]);
    expect(await inbox.accept(event({ eventId: "a" }))).toBe("accepted");
    expect((await claim(inbox)).map(({ eventId }) => eventId)).toEqual(["a"]);
  });

  it("has lost its scripts, gives them again", async () => {
    const redis = await start();
    const inbox = await open(redis);
    await until(() => inbox.accept(event({ eventId: "a" })));
    await operate(redis).script("FLUSH");
    expect(await inbox.accept(event({ eventId: "a" }))).toBe("duplicate");
    expect(await inbox.acceptBatch([event({ eventId: "b" })])).toEqual(["accepted"]);
    const claimed = await claim(inbox);
    await operate(redis).script("FLUSH");
    expect(await inbox.settle(claimed.map(done))).toEqual([true, true]);
  });

  it("is out of memory, refuses what is new and still lets go of what it has", async () => {
    const redis = await start(["--maxmemory", "4mb"]);
    const inbox = await open(redis);
    await until(() => inbox.accept(event({ eventId: "first" })));
    const body = Buffer.alloc(200_000);
    const fill = async (): Promise<unknown> => {
      for (;;) await inbox.accept(event({ eventId: randomUUID(), body }));
    };
    await expect(fill()).rejects.toMatchObject({ code: "queue_unavailable" });
    const claimed = await claim(inbox);
    expect(claimed.length).toBeGreaterThan(1);
    expect(await inbox.renew({ claims: claimed, leaseMs: 30_000 })).toEqual(claimed.map(() => true));
    expect(await inbox.settle(claimed.map(done))).toEqual(claimed.map(() => true));
    expect(await until(() => inbox.accept(event({ eventId: "later", body })))).toBe("accepted");
    expect(await inbox.accept(event({ eventId: "first" }))).toBe("duplicate");
  });

  it("has become a replica, refuses until it is a master again", async () => {
    const redis = await start();
    const inbox = await open(redis);
    await until(() => inbox.accept(event({ eventId: "a" })));
    const operator = operate(redis);
    await operator.replicaof("127.0.0.1", 1);
    await expect(inbox.accept(event({ eventId: "b" }))).rejects.toMatchObject({ code: "queue_unavailable" });
    await operator.replicaof("NO", "ONE");
    expect(await until(() => inbox.accept(event({ eventId: "b" })))).toBe("accepted");
    expect((await until(() => inbox.depth("billing"))).waiting).toBe(2);
  });

  it("starts again and reads its log, refuses until it is read", async () => {
    // The delay is per key read, in microseconds.
    const redis = await start(["--key-load-delay", "2000"]);
    const inbox = await open(redis);
    const ids = Array.from({ length: 300 }, (_, index) => `e${index}`);
    await until(() => inbox.accept(event({ eventId: "e0" })));
    await Promise.all(ids.map((eventId) => inbox.accept(event({ eventId }))));
    const refusals = new Set<unknown>();
    const restarting = new AbortController();
    const restarted = redis.restart().finally(() => restarting.abort());
    while (!restarting.signal.aborted) {
      const accepting = inbox.accept(event({ eventId: "e0" }));
      await accepting.catch((error: { readonly code: unknown }) => refusals.add(error.code));
    }
    await restarted;
    expect([...refusals]).toEqual(["queue_unavailable"]);
    await until(() => inbox.accept(event({ eventId: "e0" })));
    expect(await inbox.accept(event({ eventId: "e299" }))).toBe("duplicate");
    expect((await until(() => inbox.depth("billing"))).waiting).toBe(300);
  });

  describe("has a replica that must have every event,", () => {
    it("loses none of them with the primary", async () => {
      const { primary, replica } = await pair();
      // The answer to all of them may take its time on a busy machine.
      const inbox = await open(primary, { replicas: 1, commandTimeoutMs: 8_000 });
      await until(() => inbox.accept(event({ eventId: "e0" })));
      const accepted: string[] = [];
      const send = async (eventId: string) => {
        const result = await inbox.accept(event({ eventId })).catch(() => undefined);
        if (result !== undefined) accepted.push(eventId);
      };
      const sending = Promise.all(Array.from({ length: 500 }, (_, index) => send(`e${index}`)));
      await until(() => accepted.length > 50);
      await primary.kill();
      await sending;
      await operate(replica).replicaof("NO", "ONE");
      const promoted = await open(replica);
      await until(() => promoted.accept(event({ eventId: "after" })));
      for (const eventId of accepted) {
        expect(await promoted.accept(event({ eventId })), eventId).toBe("duplicate");
      }
    });

    it("does not have what waits for its turn wait for as long again while the primary hangs", async () => {
      const { primary } = await pair();
      const inbox = await open(primary, { replicas: 1, commandTimeoutMs: 800 });
      // Less than twice as patient: its answer comes before that of whoever waited twice.
      const other = await open(primary, { replicas: 1, commandTimeoutMs: 1_400 });
      for (const one of [inbox, other]) await until(() => one.accept(event({ eventId: "a" })));
      let round = 0;
      // However slow the machine is, some time it is not.
      await until(async () => {
        round += 1;
        primary.pause();
        const answered: string[] = [];
        const send = async (one: Inbox, name: string) => {
          const accepting = one.accept(event({ eventId: `${name}${round}` }));
          await expect.soft(accepting).rejects.toMatchObject({ code: "queue_unavailable" });
          answered.push(name);
        };
        const sending = [send(inbox, "b"), send(other, "d")];
        await pause(20);
        await Promise.all([...sending, send(inbox, "c")]);
        primary.resume();
        for (const name of ["b", "c", "d"])
          await until(() => inbox.accept(event({ eventId: `${name}${round}` })));
        return answered.join("") === "bcd";
      });
      expect((await until(() => inbox.depth("billing"))).waiting).toBe(1 + 3 * round);
    });

    it("takes neither an event nor its repetition, on any connection, while the replica is behind", async () => {
      const { primary, replica } = await pair();
      const own = { replicas: 1, commandTimeoutMs: 1_000 };
      const [inbox, other] = [await open(primary, own), await open(primary, own)];
      await until(() => inbox.accept(event({ eventId: "a" })));
      replica.pause();
      const late = event({ eventId: "b" });
      await untilRefused(() => inbox.accept(late));
      await untilRefused(() => other.accept(late));
      await untilRefused(() => other.acceptBatch([late]));
      replica.resume();
      expect(await until(() => other.accept(event({ eventId: "b" })))).toBe("duplicate");
      expect((await until(() => inbox.depth("billing"))).waiting).toBe(2);
    });
  });
});

/** Is refused because the replica is behind, and never taken. */
function untilRefused(accept: () => Promise<unknown>): Promise<boolean> {
  return until(async () => {
    const result = await accept().catch(({ code }: InboxUnavailable) => code);
    expect.soft(["durability_unavailable", "queue_unavailable"]).toContain(result);
    // The other one is said of a server that took too long to say anything.
    return result === "durability_unavailable";
  });
}
