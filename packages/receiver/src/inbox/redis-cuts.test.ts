import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Inbox } from "../inbox.ts";
import { claim, clock, done, event } from "./conformance/given.ts";
import { createRedisInbox } from "./redis.ts";

const ids = Array.from({ length: 120 }, (_, index) => `e${index}`);

describeWithServer("redis", "createRedisInbox, when the end of the log is lost", () => {
  let redis: RedisServer;
  let inbox: Inbox;
  beforeEach(async () => {
    // Otherwise it would begin a new file by itself.
    redis = await startRedis({ args: ["--auto-aof-rewrite-percentage", "0"] });
    // On a busy machine an answer may take its time; one that is missing would be ambiguous.
    inbox = createRedisInbox({ url: redis.url, commandTimeoutMs: 30_000, clock });
    await until(() => inbox.selfCheck());
  });
  afterEach(async () => {
    await inbox.close();
    await redis.stop();
  });

  /** Ends Redis as a power cut does, with so much of the log left, and begins it again. */
  const cut = async (whole: Buffer, bytes: number) => {
    await redis.restartWith(whole.subarray(0, bytes));
    // Its connections come back one by one.
    await until(waiting);
    await until(() => inbox.accept(event({ source: "ready" })));
  };
  /** The ids that wait. */
  const waiting = async () =>
    (await inbox.events({ source: "billing", state: "waiting", limit: 1_000 })).map(({ eventId }) => eventId);
  const acceptAll = async () => {
    const results = await Promise.all(ids.map((eventId) => inbox.accept(event({ eventId }))));
    return new Map(ids.map((eventId, index) => [eventId, results[index]]));
  };

  it("has every event that it was acknowledged with", async () => {
    const lengths = new Map<string, number>();
    await until(() => inbox.accept(event({ eventId: "first" })));
    const take = async (eventId: string) => {
      await inbox.accept(event({ eventId }));
      lengths.set(eventId, redis.log().length);
    };
    for (let from = 0; from < ids.length; from += 5) await Promise.all(ids.slice(from, from + 5).map(take));
    const whole = redis.log();
    for (const at of [0, 7, 31, 64, 99, 119]) {
      const length = lengths.get(ids[at] ?? "") ?? 0;
      await cut(whole, length);
      const present = new Set(await waiting());
      const acknowledged = ids.filter((id) => (lengths.get(id) ?? Infinity) <= length);
      expect(acknowledged.length).toBeGreaterThan(at);
      expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
    }
  });

  it("remembers exactly the ids whose events it has, wherever the log ends", async () => {
    await until(() => inbox.accept(event({ eventId: "first" })));
    const begun = redis.log().length;
    await inbox.acceptBatch(ids.slice(0, 40).map((eventId) => event({ eventId })));
    for (const eventId of ids.slice(40, 80)) await inbox.accept(event({ eventId }));
    await Promise.all(ids.slice(80).map((eventId) => inbox.accept(event({ eventId }))));
    const whole = redis.log();
    const cuts = fc.sample(fc.integer({ min: begun, max: whole.length }), { numRuns: 100, seed: 20_261_121 });
    for (const bytes of cuts) {
      await cut(whole, bytes);
      const before = new Set(await waiting());
      const results = await acceptAll();
      for (const [id, result] of results)
        expect([id, result]).toEqual([id, before.has(id) ? "duplicate" : "accepted"]);
      expect((await waiting()).toSorted()).toEqual(["first", ...ids].toSorted());
    }
  });

  it("gives again what was settled after that, and settles it then", async () => {
    await until(() => inbox.accept(event({ eventId: "a" })));
    const [first] = await claim(inbox);
    const length = redis.log().length;
    await inbox.settle([done(first!)]);
    const whole = redis.log();
    expect(whole.length).toBeGreaterThan(length);
    await cut(whole, length + Math.floor((whole.length - length) / 2));
    const [again] = await until(() => claim(inbox, { nowMs: Date.now() + 60_000 }));
    expect(again).toMatchObject({ eventId: "a", attempt: 2 });
    expect(await inbox.settle([done(first!), done(again!)])).toEqual([false, true]);
    expect((await inbox.depth("billing")).waiting).toBe(0);
  });
});
