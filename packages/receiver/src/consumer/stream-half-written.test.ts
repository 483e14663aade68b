import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ClaimedEntry, Settlement } from "../inbox.ts";
import { amidCommands } from "../test-support/amid-commands.ts";
import { createOrderedEntries } from "./ordered-entries.ts";
import { createStreamEntries, type StreamEntries } from "./stream-entries.ts";

const ids = ["a", "b"];

const unordered = { stream: "orders", group: "app", removeHandled: true, commandTimeoutMs: 30_000 };
const ordered = { ...unordered, orderBy: "subject" };

/** What is done with entries that nobody had before, when the log is cut off. */
const courses: readonly {
  readonly name: string;
  readonly open: (redis: string) => StreamEntries;
  readonly step: (entries: StreamEntries) => Promise<unknown>;
}[] = [
  {
    name: "done",
    open: (redis) => createStreamEntries({ ...unordered, redis }),
    step: (entries) => settleAll(entries, (one) => ({ kind: "done", claim: one })),
  },
  {
    name: "put off and taken again",
    open: (redis) => createStreamEntries({ ...unordered, redis }),
    step: putOff,
  },
  {
    name: "put off and taken again in the order of subjects",
    open: (redis) => createOrderedEntries({ ...ordered, redis }),
    step: putOff,
  },
  {
    name: "buried and sent again",
    open: (redis) => createStreamEntries({ ...unordered, redis }),
    step: async (entries) => {
      await settleAll(entries, (one) => ({ kind: "dead", claim: one, reason: "refused" }));
      await revive(entries);
    },
  },
];

async function putOff(entries: StreamEntries): Promise<void> {
  await settleAll(entries, (one) => ({ kind: "retry", claim: one, delayMs: 0 }));
  await claim(entries);
}

function claim(entries: StreamEntries): Promise<readonly ClaimedEntry[]> {
  const about = { source: "orders", destination: "handlers", routes: ["handlers"], limit: 100 };
  // Whatever a consumer holds, it has held for so long.
  return until(() => entries.claim({ ...about, leaseMs: 1 }));
}

async function settleAll(
  entries: StreamEntries,
  settlement: (one: ClaimedEntry) => Settlement,
): Promise<unknown> {
  return entries.settle((await claim(entries)).map(settlement));
}

/** Gives those that cannot be handled again. */
async function revive(entries: StreamEntries): Promise<readonly string[]> {
  const letters = await entries.deadLetters({ source: "orders", limit: 100 });
  const missing: string[] = [];
  for (const { key, eventId } of letters)
    if ((await entries.requeue({ source: "orders", keys: [key] })) === 0) missing.push(eventId);
  return missing;
}

describeWithServer("redis", "a consumer's stream, cut off amid a command and then killed once more", () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis({ args: ["--auto-aof-rewrite-percentage", "0"] });
    redis = new Redis(server.url);
    redis.on("error", () => {});
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const isBack = async () => {
    await until(() => redis.ping());
    // What was left in the log has its effect with the next transaction.
    await until(() => redis.multi().incr("{other}:1").incr("{other}:2").exec());
  };
  it.each(courses)("loses no entry when some are $name", async ({ step, open }) => {
    await redis.flushall();
    for (const id of ids) {
      const body = JSON.stringify({ subject: id === "a" ? "one" : "two" });
      await redis.xadd("orders", "*", "id", id, "source", "shop", "headers", "{}", "body", body);
    }
    const begun = server.log().length;
    const entries = open(server.url);
    await step(entries);
    await entries.close();
    const whole = server.log();
    const cuts = amidCommands(whole, begun);
    expect(cuts.length).toBeGreaterThan(2);
    for (const end of cuts) {
      await server.restartWith(whole.subarray(0, end));
      await isBack();
      await server.restart();
      await isBack();
      const left = open(server.url);
      const missing = await until(() => revive(left));
      expect(missing).toEqual([]);
      // Whoever leads first looks at what others held; entries of one subject come one by one.
      await until(async () => {
        const claimed = await claim(left);
        await left.settle(claimed.map((one) => ({ kind: "done", claim: one })));
        return (await redis.xlen("orders")) === 0;
      });
      await left.close();
    }
  });
});
