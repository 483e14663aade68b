import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sender } from "./sender.ts";
import { StoreUnavailableError, type Store } from "./store.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { createWorker } from "./worker.ts";
import { systemTimers } from "./worker/timers.ts";
import {
  DELIVERED,
  FAILED,
  playSender,
  type Answer,
  type PlayedSenderOptions,
} from "./test-support/played-sender.ts";

let folder: string;
const senders: Sender[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hooks-worker-"));
});
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.stop({ timeoutMs: 100 }).catch(() => {});
  await rm(folder, { recursive: true });
});

/** A sender whose endpoints are played by a function. */
function open(answer: Answer, { wrap = (store: Store) => store, ...options }: OpenOptions = {}) {
  const store = wrap(createSqliteStore({ path: join(folder, "sender.db") }));
  const played = playSender({ ...options, store, answer });
  senders.push(played.sender);
  return played;
}

interface OpenOptions extends Omit<PlayedSenderOptions, "store" | "answer"> {
  readonly wrap?: (store: Store) => Store;
}

async function addEndpoints(sender: Sender, count: number) {
  const { id: subscriber } = await sender.subscribers.create({ name: "test" });
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      sender.endpoints.create({ subscriber, url: `https://example.com/${index}` }),
    ),
  );
}
/** Where another on the same file writes for long, that is refused, and then nothing was kept. */
const publish = (sender: Sender, count: number) =>
  until(() =>
    sender.publishBatch(
      Array.from({ length: count }, (_, index) => ({ type: "invoice.paid", data: { index } })),
    ),
  );

describe("worker", () => {
  it("delivers every event to every endpoint exactly once", async () => {
    const { sender, sent } = open(() => DELIVERED);
    await addEndpoints(sender, 3);
    await sender.start();
    await publish(sender, 50);
    await until(() => sent.length >= 150);
    await until(async () => (await sender.deliveries.list({ limit: 1, state: "scheduled" })).length === 0);
    expect(new Set(sent.map(({ event, endpoint }) => `${event.id} ${endpoint.id}`)).size).toBe(150);
    expect(sent).toHaveLength(150);
  });

  it("sends the same bytes on every attempt and counts them, until the schedule is used up", async () => {
    const { sender, sent } = open(() => FAILED, { schedule: [0, 10, 10] });
    await addEndpoints(sender, 1);
    await sender.start();
    await publish(sender, 1);
    await until(async () => (await sender.deliveries.list({ limit: 1, state: "dead" })).length === 1);
    const [dead] = await sender.deliveries.list({ limit: 1 });
    expect(dead).toMatchObject({ state: "dead", attempts: 3, reason: "schedule_exhausted" });
    expect(
      (await sender.deliveries.attempts(dead!.id)).map(({ number, outcome }) => [number, outcome]),
    ).toEqual([
      [1, "http_status"],
      [2, "http_status"],
      [3, "http_status"],
    ]);
    expect(new Set(sent.map(({ event }) => Buffer.from(event.body).toString())).size).toBe(1);
    await sender.deliveries.retry(dead!.id);
    await until(() => sent.length === 6);
  });

  it("holds back for an endpoint that fails, and serves the others meanwhile", async () => {
    let slow = 0;
    let most = 0;
    const { sender, sent } = open(
      async ({ endpoint }) => {
        if (!endpoint.url.endsWith("/0")) return DELIVERED;
        most = Math.max(most, (slow += 1));
        await new Promise((resolve) => setTimeout(resolve, 150));
        slow -= 1;
        return FAILED;
      },
      { concurrency: 20, schedule: [0, 60_000] },
    );
    const endpoints = await addEndpoints(sender, 5);
    await sender.start();
    await publish(sender, 100);
    const healthy = () => sent.filter(({ endpoint }) => endpoint.id !== endpoints[0]!.id).length;
    await until(() => healthy() === 400);
    expect(sent.length - healthy()).toBeLessThan(100);
    expect(most).toBeLessThanOrEqual(10);
  });

  it("disables an endpoint that is gone, holds its deliveries, and sends them when it is enabled again", async () => {
    let isGone = true;
    const { sender, sent } = open(
      () => (isGone ? { outcome: "gone", status: 410, durationMs: 1 } : DELIVERED),
      { schedule: [0, 10, 10, 10] },
    );
    const [endpoint] = await addEndpoints(sender, 1);
    await sender.start();
    await publish(sender, 1);
    await until(async () => (await sender.endpoints.get(endpoint!.id)).state === "disabled");
    await publish(sender, 5);
    const before = sent.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toHaveLength(before);
    isGone = false;
    await sender.endpoints.setState(endpoint!.id, "active");
    await until(async () => (await sender.deliveries.list({ limit: 10, state: "delivered" })).length === 6);
  });

  it("stops trying an endpoint that only fails, also after a restart, and costs no delivery an attempt by it", async () => {
    let isAway = true;
    let nowMs = Date.now();
    // Time stands still but for leaps, so that no breaker is tried while something else takes long.
    const now = () => nowMs;
    const answer = () => (isAway ? FAILED : DELIVERED);
    const options = { now, schedule: [0, 3_600_000] };
    const first = open(answer, options);
    await addEndpoints(first.sender, 1);
    await first.sender.start();
    await publish(first.sender, 40);
    await until(() => first.sent.length >= 10);
    await first.sender.stop();
    expect(first.sent.length).toBeLessThan(20);
    const second = open(answer, options);
    await second.sender.start();
    await publish(second.sender, 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(second.sent).toHaveLength(0);
    const untouched = await second.sender.deliveries.list({ limit: 100, state: "scheduled" });
    expect(untouched.filter(({ attempts }) => attempts === 0)).toHaveLength(41 - first.sent.length);
    isAway = false;
    nowMs += 31_000;
    await until(
      async () => (await second.sender.deliveries.list({ limit: 100, state: "delivered" })).length >= 21,
    );
    nowMs += 2 * 3_600_000;
    await until(
      async () => (await second.sender.deliveries.list({ limit: 100, state: "delivered" })).length === 41,
    );
  });

  it("disables an endpoint of which nothing but failures came for five days, and holds its deliveries", async () => {
    let nowMs = Date.now();
    const { sender, sent } = open(() => FAILED, { now: () => nowMs, schedule: [0] });
    const [endpoint] = await addEndpoints(sender, 1);
    await sender.start();
    const isDisabled = async () => (await sender.endpoints.get(endpoint!.id)).state === "disabled";
    for (let count = 1; !(await isDisabled()) && count < 40; count += 1) {
      nowMs += 6 * 3_600_000;
      await publish(sender, 1);
      await until(async () => sent.length >= count || (await isDisabled()));
    }
    expect(await sender.endpoints.get(endpoint!.id)).toMatchObject({
      state: "disabled",
      disabledReason: "failing",
    });
    expect(sent.length).toBeGreaterThanOrEqual(20);
    const attempts = sent.length;
    await publish(sender, 3);
    const held = await sender.deliveries.list({ limit: 9, state: "scheduled" });
    expect(held.length).toBeGreaterThanOrEqual(3);
    expect(sent).toHaveLength(attempts);
  });

  it("sends an endpoint no more than its rate limit, and the others all they have", async () => {
    const { sender, sent } = open(() => DELIVERED);
    const [slow, fast] = await addEndpoints(sender, 2);
    await sender.endpoints.update(slow!.id, { rateLimit: { perSecond: 0.001, burst: 3 } });
    const to = (id: string) => sent.filter(({ endpoint }) => endpoint.id === id).length;
    await sender.start();
    await publish(sender, 30);
    await until(() => to(fast!.id) === 30);
    expect(to(slow!.id)).toBeLessThanOrEqual(1);
    await sender.endpoints.update(slow!.id, { rateLimit: null });
    await until(() => to(slow!.id) === 30);
  });

  it("finishes what is in flight when it is stopped, and takes nothing more", async () => {
    const { sender, sent, attempted } = open(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return DELIVERED;
    });
    await addEndpoints(sender, 1);
    await sender.start();
    await publish(sender, 100);
    await until(() => sent.length > 0);
    await sender.stop();
    expect(attempted()).toHaveLength(sent.length);
    expect(sent.length).toBeLessThan(100);
    const again = open(() => DELIVERED);
    await again.sender.start();
    await until(() => again.sent.length === 100 - sent.length);
  });

  it("goes on by itself after the store was away, and records what was made meanwhile", async () => {
    let isAway = false;
    const away = <T extends (...args: never[]) => Promise<unknown>>(verb: T): T =>
      ((...args) => (isAway ? Promise.reject(new StoreUnavailableError("away")) : verb(...args))) as T;
    const { sender, sent, reports } = open(
      () => {
        isAway = true;
        return DELIVERED;
      },
      {
        wrap: (store) => ({
          ...store,
          lease: away(store.lease),
          due: away(store.due),
          take: away(store.take),
          settle: away(store.settle),
        }),
      },
    );
    await addEndpoints(sender, 1);
    await sender.start();
    await publish(sender, 1);
    await until(() =>
      reports.some((report) => report.kind === "store_unavailable" && report.during === "settle"),
    );
    isAway = false;
    await until(async () => (await sender.deliveries.list({ limit: 1, state: "delivered" })).length === 1);
    expect(sent).toHaveLength(1);
  });

  it("sends what another process has published", async () => {
    const { sender, sent } = open(() => DELIVERED);
    await addEndpoints(sender, 1);
    await sender.start();
    const publisher = open(() => DELIVERED);
    await publish(publisher.sender, 3);
    await until(() => sent.length === 3);
    expect(publisher.sent).toEqual([]);
  });

  it("shares endpoints between two workers without sending anything twice", async () => {
    const one = open(() => DELIVERED);
    await addEndpoints(one.sender, 20);
    await one.sender.start();
    const two = open(() => DELIVERED);
    await two.sender.start();
    let published = 0;
    while (published < 100 || two.sent.length === 0) {
      await publish(one.sender, 5);
      published += 5;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await until(() => one.sent.length + two.sent.length >= 20 * published);
    await until(
      async () => (await one.sender.deliveries.list({ limit: 1, state: "scheduled" })).length === 0,
    );
    expect(one.sent.length + two.sent.length).toBe(20 * published);
  });

  it("sends and records what it was taking when it is stopped", async () => {
    let isTaking = false;
    const { sender, sent, attempted } = open(() => DELIVERED, { wrap: slowTake(() => (isTaking = true)) });
    await addEndpoints(sender, 1);
    await sender.start();
    await publish(sender, 1);
    await until(() => attempted().length === 1);
    isTaking = false;
    await publish(sender, 3);
    await until(() => isTaking);
    await sender.stop();
    expect(sent).toHaveLength(4);
    expect(attempted().map(({ settled }) => settled)).toEqual([true, true, true, true]);
    const again = open(() => DELIVERED);
    expect(await again.sender.deliveries.list({ limit: 10, state: "scheduled" })).toEqual([]);
  });

  it("asks for no shards when it is stopped and was never started", async () => {
    let leases = 0;
    const { sender } = open(() => DELIVERED, {
      wrap: (store) => ({ ...store, lease: (request) => ((leases += 1), store.lease(request)) }),
    });
    await addEndpoints(sender, 1);
    await publish(sender, 1);
    await sender.stop();
    await sender.start();
    expect(leases).toBe(0);
  });

  it("leaves no timer behind when it is stopped while it starts", async () => {
    const store = createSqliteStore({ path: join(folder, "sender.db") });
    const timers = new Set<symbol>();
    const worker = createWorker({
      store,
      transport: { send: async () => DELIVERED, checkUrl: () => ({ ok: true }), close: async () => {} },
      noticeOf: () => ({}),
      identity: { id: "w1", host: "here", pid: process.pid },
      report: () => {},
      now: Date.now,
      random: Math.random,
      timers: {
        ...systemTimers,
        after(delayMs, call) {
          const timer = Symbol("timer");
          timers.add(timer);
          const cancel = systemTimers.after(delayMs, () => {
            timers.delete(timer);
            call();
          });
          return () => {
            timers.delete(timer);
            cancel();
          };
        },
      },
    });
    const started = worker.start();
    await worker.stop();
    await started;
    await store.close();
    expect(timers.size).toBe(0);
  });

  it("hands over no shard while something of it is being taken", async () => {
    const one = open(() => DELIVERED, { wrap: slowTake() });
    await addEndpoints(one.sender, 20);
    await one.sender.start();
    const others = [];
    for (let round = 0; round < 4; round += 1) {
      await publish(one.sender, 5);
      const other = open(() => DELIVERED, { wrap: slowTake() });
      others.push(other);
      await other.sender.start();
      await publish(one.sender, 5);
    }
    const all = [one, ...others];
    await until(() => all.reduce((sum, { sent }) => sum + sent.length, 0) >= 800);
    await until(
      async () => (await one.sender.deliveries.list({ limit: 1, state: "scheduled" })).length === 0,
    );
    const attempts = () => all.flatMap(({ attempted }) => attempted());
    // What others read already may be on its way to the disk still.
    await until(() => attempts().length >= 800);
    expect(attempts().filter(({ settled }) => !settled)).toEqual([]);
    expect(attempts()).toHaveLength(800);
  });
});

/** A store that takes its time to give what was asked for. */
function slowTake(onTake = () => {}): (store: Store) => Store {
  return (store) => ({
    ...store,
    take: async (request) => {
      const batch = await store.take(request);
      if (batch.deliveries.length > 0) onTake();
      await new Promise((resolve) => setTimeout(resolve, 60));
      return batch;
    },
  });
}
