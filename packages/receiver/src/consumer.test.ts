import { setTimeout as pause } from "node:timers/promises";
import * as contracts from "@hooks/contracts";
import { examples } from "@hooks/contracts/fixtures";
import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { type Consumer, type ConsumerOptions, type ConsumerReport, createConsumer } from "./consumer.ts";
import { createMemoryDedupe } from "./dedupe/memory.ts";
import { createRedisStreamDestination } from "./destinations/redis-stream.ts";
import { gone, retryLater } from "./handler-result.ts";
import type { ReceivedEvent, UntypedHandlers } from "./handlers.ts";

const about = (subject: unknown, n: number) => JSON.stringify({ subject, n });
const expectOrder = (seen: ReadonlyMap<string, readonly number[]>, count: number) => {
  const all = [...seen.values()];
  for (const numbers of all) expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  expect(all.flat()).toHaveLength(count);
};

describeWithServer("redis", "createConsumer", () => {
  let server: RedisServer;
  let redis: Redis;
  let reports: ConsumerReport[];
  const consumers: Consumer[] = [];
  beforeAll(async () => {
    server = await startRedis({ appendfsync: "everysec" });
    redis = new Redis(server.url);
    redis.on("error", () => {});
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
    reports = [];
  });
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop({ timeoutMs: 1_000 })));
  });

  const options = (more: Partial<ConsumerOptions> = {}): ConsumerOptions => ({
    redis: server.url,
    stream: "orders",
    group: "app",
    schedule: [0, 5, 5],
    // An answer that a machine that stalls has late would show as another attempt.
    commandTimeoutMs: 30_000,
    report: (report) => void reports.push(report),
    ...more,
  });
  const start = (handlers: UntypedHandlers, more?: Partial<ConsumerOptions>) =>
    started(createConsumer({ ...options(more), handlers }));
  const started = (consumer: Consumer) => {
    consumers.push(consumer);
    consumer.start();
    return consumer;
  };
  const add = (id: string, body: string | Buffer = "{}", type = "order.paid") =>
    redis.xadd("orders", "*", "id", id, "type", type, "source", "shop", "headers", '{"a":"b"}', "body", body);
  const addAll = (count: number, subjects: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => add(`evt_${n}`, about(`s${n % subjects}`, n))));
  const isEmpty = async () => (await redis.xlen("orders")) === 0;
  const pending = async () => ((await redis.xpending("orders", "app")) as readonly unknown[])[0];

  it("handles what the gateway's destination writes, as it was received", async () => {
    const seen: ReceivedEvent[] = [];
    start({ "order.*": (event) => seen.push(event) });
    const destination = createRedisStreamDestination({
      name: "d",
      url: server.url,
      stream: "orders",
      commandTimeoutMs: 30_000,
    });
    const body = Buffer.from([0, 0xff, 0x80]);
    const headers = { "content-type": "application/json" };
    const event = { source: "shop", eventId: "evt_1", eventType: "order.paid", headers, body };
    await until(async () => {
      const { kind } = await destination.deliver({ ...event, receivedAtMs: 0, attempt: 1 });
      return kind === "confirmed";
    });
    await destination.close();
    await until(() => seen.length === 1);
    expect(seen[0]).toMatchObject({ id: "evt_1", type: "order.paid", source: "shop", attempt: 1, headers });
    expect(Buffer.from(seen[0]!.body).equals(body)).toBe(true);
    await until(isEmpty);
  });

  it("types handlers by contracts", async () => {
    const { data } = examples["invoice.paid"]["2"][0]!;
    const seen: unknown[] = [];
    started(
      createConsumer({
        ...options(),
        contracts,
        handlers: {
          "invoice.paid": (event) => {
            expectTypeOf(event).toEqualTypeOf<contracts.Event<"invoice.paid">>();
            seen.push(event.data);
          },
        },
      }),
    );
    const event = { id: "evt_1", type: "invoice.paid", version: "2.0.0", source: "shop", data };
    const text = JSON.stringify({ ...event, timestamp: "2026-11-20T12:00:00Z" });
    await add("evt_1", text, "invoice.paid");
    await until(() => seen.length === 1);
    expect(seen).toEqual([data]);
  });

  it("shares events among the processes of a group, and gives every group all of them", async () => {
    const seen = new Map<string, string[]>();
    const note =
      (name: string) =>
      ({ id }: ReceivedEvent) =>
        void seen.set(name, [...(seen.get(name) ?? []), id]);
    for (const name of ["a", "b"]) start({ "*": note(name) }, { concurrency: 4 });
    start({ "*": note("audit") }, { group: "audit" });
    const ids = Array.from({ length: 200 }, (_, index) => `evt_${index}`);
    await Promise.all(ids.map((id) => add(id)));
    await until(isEmpty);
    expect(seen.get("audit")).toEqual(ids);
    expect([...(seen.get("a") ?? []), ...(seen.get("b") ?? [])].toSorted()).toEqual(ids.toSorted());
    expect(await redis.keys("*")).toEqual(["orders"]);
  });

  it("leaves the stream as it is where it is told to", async () => {
    start({ "*": () => {} }, { removeHandled: false });
    await add("evt_1");
    await until(() => reports.length === 1);
    expect([await redis.xlen("orders"), await pending()]).toEqual([1, 0]);
  });

  it("tries again what failed, as the schedule or the handler says, and acknowledges nothing before", async () => {
    const seen: string[] = [];
    start({
      "*": async ({ id, attempt }) => {
        expect(await redis.xlen("orders")).toBeGreaterThan(0);
        seen.push(`${id} ${attempt}`);
        if (id === "evt_1" && attempt === 1) throw new Error("database away");
        return id === "evt_1" && attempt === 2 ? retryLater(0.005) : undefined;
      },
    });
    await add("evt_1");
    await until(isEmpty);
    await add("evt_2");
    await until(isEmpty);
    expect(seen).toEqual(["evt_1 1", "evt_1 2", "evt_1 3", "evt_2 1"]);
  });

  it("keeps dead letters, and handles them again from the first attempt", async () => {
    let isMended = false;
    const attempts: number[] = [];
    const consumer = start({
      "order.paid": ({ attempt }) => {
        attempts.push(attempt);
        if (!isMended) throw new Error("broken");
      },
      "order.lost": () => gone("not ours"),
    });
    await add("evt_1", "one");
    await add("evt_2", "two", "order.lost");
    await until(
      () => reports.filter((report) => report.kind === "attempt" && report.outcome === "dead").length === 2,
    );
    const letters = await consumer.deadLetters.list({ limit: 9 });
    expect(letters).toMatchObject([
      { eventId: "evt_1", attempts: 3, reason: expect.stringContaining("Error: broken"), source: "shop" },
      { eventId: "evt_2", attempts: 1, reason: "gone: not ours", eventType: "order.lost" },
    ]);
    expect(Buffer.from(letters[0]!.body).toString()).toBe("one");
    expect(await consumer.deadLetters.list({ limit: 9, after: letters[0]!.key })).toHaveLength(1);
    isMended = true;
    expect(await consumer.deadLetters.retry([letters[0]!.key, "1-1"])).toBe(1);
    await until(async () => (await redis.xlen("orders")) === 1);
    expect(attempts).toEqual([1, 2, 3, 1]);
    expect(await consumer.deadLetters.list({ limit: 9 })).toHaveLength(1);
    expect(await consumer.deadLetters.discard([letters[1]!.key, letters[0]!.key])).toBe(1);
    expect(await consumer.deadLetters.discard([letters[1]!.key])).toBe(0);
    expect(await consumer.deadLetters.list({ limit: 9 })).toEqual([]);
    expect(await isEmpty()).toBe(true);
  });

  it("parks versions that nobody knows, and releases them", async () => {
    const event = { id: "evt_1", type: "invoice.paid", version: "9.0.0", source: "s", data: {} };
    const text = JSON.stringify({ ...event, timestamp: "2026-11-20T12:00:00Z" });
    const consumer = started(
      createConsumer({ ...options(), contracts, handlers: { "invoice.paid": () => expect.unreachable() } }),
    );
    await add("evt_1", text, "invoice.paid");
    await until(async () => (await consumer.parked.list({ limit: 9 })).length === 1);
    expect(await consumer.parked.release()).toBe(1);
    await until(async () => (await consumer.parked.list({ limit: 9 })).length === 1);
  });

  it("takes over what a process held that does not answer any more, and refuses its result", async () => {
    const [stuck, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const hung = createConsumer({
      ...options({ leaseMs: 600_000 }),
      handlers: {
        "*": () => {
          stuck.resolve();
          return release.promise;
        },
      },
    });
    started(hung);
    await add("evt_1");
    await stuck.promise;
    const seen: number[] = [];
    start({ "*": ({ attempt }) => seen.push(attempt) }, { leaseMs: 30 });
    await until(isEmpty);
    release.resolve();
    await until(() => reports.some((report) => report.kind === "attempt" && report.outcome === "stale"));
    expect(seen).toEqual([2]);
  });

  it("renews what it handles for long", async () => {
    const release = Promise.withResolvers<void>();
    const seen: number[] = [];
    for (const _ of "12")
      start({ "*": ({ attempt }) => seen.push(attempt) && release.promise }, { leaseMs: 5_000 });
    await add("evt_1");
    await until(() => seen.length === 1);
    let [renewals, lastIdleMs] = [0, 0];
    // Five times a third of a lease is longer than a lease, and than each looked for what the other left.
    await until(async () => {
      const [[, , idleMs]] = (await redis.xpending("orders", "app", "-", "+", 1)) as [
        [string, string, number],
      ];
      if (idleMs < lastIdleMs) renewals += 1;
      lastIdleMs = idleMs;
      return renewals >= 5;
    });
    release.resolve();
    await until(isEmpty);
    expect(seen).toEqual([1]);
  });

  it("stops: waits for what is under way, and takes nothing more", async () => {
    const [began, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const seen: string[] = [];
    const consumer = createConsumer({
      ...options({ concurrency: 1 }),
      handlers: {
        "*": ({ id }) => {
          seen.push(id);
          began.resolve();
          return release.promise;
        },
      },
    });
    consumer.start();
    await add("evt_1");
    await began.promise;
    await add("evt_2");
    const stopped = consumer.stop();
    release.resolve();
    await stopped;
    expect([seen, await redis.xlen("orders"), await pending()]).toEqual([["evt_1"], 1, 0]);
    expect(await redis.xinfo("CONSUMERS", "orders", "app")).toEqual([]);
  });

  it("comes through a restart of Redis, and through the stream being deleted", async () => {
    const seen: string[] = [];
    start({ "*": ({ id }) => seen.push(id) });
    await add("evt_1");
    await until(() => seen.includes("evt_1"));
    await server.restart();
    await until(() => add("evt_2"));
    await until(() => seen.includes("evt_2"));
    await redis.flushall();
    await until(() => add("evt_3"));
    await until(() => seen.includes("evt_3"));
  });

  it("handles once what ends while Redis hangs, and goes on after it", async () => {
    const [began, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const seen: string[] = [];
    const handle = ({ id }: ReceivedEvent) => {
      seen.push(id);
      began.resolve();
      return release.promise;
    };
    start({ "*": handle }, { commandTimeoutMs: 500 });
    await add("evt_1");
    await began.promise;
    server.pause();
    release.resolve();
    await until(() => reports.some(({ kind }) => kind === "inbox_unavailable"));
    server.resume();
    await until(isEmpty);
    await add("evt_2");
    await until(isEmpty);
    expect(seen).toEqual(["evt_1", "evt_2"]);
  });

  it("takes answers that are late where it is told to be patient", async () => {
    const consumer = start({ "*": () => {} });
    await add("evt_1");
    await until(isEmpty);
    server.pause();
    const listing = consumer.deadLetters.list({ limit: 1 });
    // Longer than it would wait by itself.
    await pause(2_200);
    server.resume();
    expect(await listing).toEqual([]);
  });

  it("handles an event once that stands in the stream twice, where it is given a memory", async () => {
    const seen: string[] = [];
    start({ "*": ({ id }) => seen.push(id) }, { dedupe: createMemoryDedupe(), concurrency: 1 });
    for (const id of ["evt_1", "evt_1", "evt_2"]) await add(id);
    await until(isEmpty);
    expect(seen).toEqual(["evt_1", "evt_2"]);
  });

  describe("in the order of subjects", () => {
    const orderBy = "subject";
    interface About {
      readonly subject: string;
      readonly n: number;
    }
    /** The `n` of each subject, in the order they were handled. */
    const seenOf = () => {
      const seen = new Map<string, number[]>();
      const note = (event: ReceivedEvent) => {
        const { subject, n } = event.json() as About;
        seen.set(subject, [...(seen.get(subject) ?? []), n]);
      };
      return { seen, note };
    };
    it("handles one of a subject at a time, and different ones at once, with retries", async () => {
      const { seen, note } = seenOf();
      const running = new Set<string>();
      let most = 0;
      start(
        {
          "*": async (event) => {
            const { subject, n } = event.json() as About;
            expect(running.has(subject)).toBe(false);
            running.add(subject);
            most = Math.max(most, running.size);
            await new Promise((resolve) => setImmediate(resolve));
            running.delete(subject);
            if (n % 5 === 0 && event.attempt === 1) throw new Error("again");
            note(event);
          },
        },
        { orderBy, schedule: [0, 1] },
      );
      await addAll(150, 10);
      await until(isEmpty);
      expectOrder(seen, 150);
      expect(most).toBeGreaterThan(1);
    });

    it("lets one process take the place of another, also of one that hangs", async () => {
      const { seen, note } = seenOf();
      const [stuck, never] = [Promise.withResolvers<void>(), new Promise<void>(() => {})];
      const hung = createConsumer({
        ...options({ orderBy, leaseMs: 5_000, concurrency: 2, handlerTimeoutMs: 600_000 }),
        redis: server.url,
        handlers: {
          "*": () => {
            stuck.resolve();
            return never;
          },
        },
      });
      await addAll(20, 2);
      hung.start();
      await stuck.promise;
      start({ "*": note }, { orderBy, leaseMs: 5_000 });
      await hung.stop({ timeoutMs: 1 });
      await until(isEmpty);
      expectOrder(seen, 20);
    });

    it("is led by one process only, and by the next when that stops", async () => {
      const { seen, note } = seenOf();
      const first = createConsumer({ ...options({ orderBy }), handlers: { "*": note } });
      first.start();
      await addAll(10, 3);
      await until(isEmpty);
      const others: string[] = [];
      start({ "*": ({ id }) => others.push(id) }, { orderBy });
      await add("evt_a", about("s", 1));
      await until(isEmpty);
      expect(others).toEqual([]);
      await first.stop();
      await add("evt_b", about("s", 2));
      await until(isEmpty);
      expect(others).toEqual(["evt_b"]);
      expectOrder(seen, 11);
    });

    it("goes on after a dead letter, and handles it before what waits when it is revived", async () => {
      let isMended = false;
      const seen: string[] = [];
      const consumer = start(
        {
          "*": ({ id }) => {
            if (id === "evt_0" && !isMended) throw new Error("broken");
            seen.push(id);
          },
        },
        { orderBy, schedule: [0] },
      );
      await addAll(3, 1);
      await until(() => seen.length === 2);
      isMended = true;
      const [letter] = await consumer.deadLetters.list({ limit: 1 });
      await consumer.deadLetters.retry([letter!.key]);
      await until(isEmpty);
      expect(seen).toEqual(["evt_1", "evt_2", "evt_0"]);
    });

    it("holds nothing up for ever when the stream is deleted, or entries of it", async () => {
      const seen: string[] = [];
      start(
        { "*": ({ id, attempt }) => (id === "evt_0" && attempt === 1 ? retryLater(0.2) : seen.push(id)) },
        { orderBy },
      );
      await addAll(3, 1);
      await until(() => reports.some((report) => report.kind === "attempt" && report.outcome === "retry"));
      const [[first]] = (await redis.xrange("orders", "-", "+", "COUNT", 1)) as [[string, string[]]];
      await redis.xdel("orders", first);
      await until(isEmpty);
      expect(seen).toEqual(["evt_1", "evt_2"]);
      await redis.flushall();
      await addAll(3, 1);
      await until(isEmpty);
      expect(seen.slice(2)).toEqual(["evt_0", "evt_1", "evt_2"]);
    });

    it("orders nothing without a subject", async () => {
      const seen: string[] = [];
      start({ "*": ({ id }) => seen.push(id) }, { orderBy });
      for (const body of ["", "{", "[]", '{"subject":null}', '{"subject":{}}', "\xff"]) await add("e", body);
      await until(isEmpty);
      expect(seen).toHaveLength(6);
    });
  });

  describe("with entries of somebody else", () => {
    it("reads what there is, and goes on", async () => {
      const seen: ReceivedEvent[] = [];
      start({ "*": (event) => seen.push(event) });
      await redis.xadd("orders", "*", "x", "y");
      await redis.xadd("orders", "*", "id", "e", "headers", "[1", "type", "");
      await redis.xadd(
        "orders",
        "*",
        "id",
        "f",
        "headers",
        '{"a":1,"__proto__":"x"}',
        "body",
        "[".repeat(1_000_000),
      );
      await until(isEmpty);
      expect(seen.map(({ type, source, headers }) => [type, source, Object.keys(headers)])).toEqual([
        ["", "", []],
        ["", "", []],
        ["", "", ["__proto__"]],
      ]);
    });

    it("passes over entries that somebody deleted", async () => {
      const seen: string[] = [];
      start(
        {
          "*": async ({ id }) => {
            seen.push(id);
            if (id === "evt_1") await redis.xtrim("orders", "MAXLEN", 0);
            throw new Error("again");
          },
        },
        { concurrency: 1 },
      );
      await add("evt_1");
      await until(async () => seen.length === 1 && (await pending()) === 0);
      await add("evt_2");
      await until(() => seen.includes("evt_2"));
      expect(seen.filter((id) => id === "evt_1")).toHaveLength(1);
    });
  });
});
