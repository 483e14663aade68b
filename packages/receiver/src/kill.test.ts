import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { generateTestHeaders } from "@hooks/signing";
import { type Child, createTemporaryFolder, freePort, startChild, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { victimSecret } from "./test-support/victim-secret.ts";

/** A machine that is busy with other things must not fail these: they take seconds where it is not. */
const patience = { timeoutMs: 120_000 };
const timeout = 480_000;

const kills = 3;
/** Of the victim. */
const concurrency = 8;
const ids = Array.from({ length: 200 }, (_, index) => `evt_${index}`);

let folder: ReturnType<typeof createTemporaryFolder>;
let victims: Child[];
beforeEach(() => {
  folder = createTemporaryFolder("hooks-kill");
  victims = [];
});
afterEach(async () => {
  for (const victim of victims) victim.signal("SIGKILL");
  await Promise.all(victims.map(({ exited }) => exited));
  folder.remove();
});

const log = () => join(folder.path, "handled.log");
const handled = () => (existsSync(log()) ? readFileSync(log(), "utf8").split("\n").slice(0, -1) : []);
const start = async (...args: readonly string[]) => {
  const victim = await startChild(process.execPath, [
    join(import.meta.dirname, "test-support/victim.ts"),
    ...args,
  ]);
  victims.push(victim);
  return victim;
};
const kill = async (victim: Child) => {
  victim.signal("SIGKILL");
  await victim.exited;
};

/** Sends as a provider does: again until it is acknowledged. */
async function send(url: string, id: string): Promise<void> {
  const body = '{"type":"order.paid"}';
  for (;;) {
    const headers = { ...generateTestHeaders({ id, body, secret: victimSecret }) };
    const response = await fetch(url, { method: "POST", body, headers }).catch(() => undefined);
    if (response?.ok === true) return;
    await wait(20);
  }
}

/** Everything was handled, and no more twice than was in flight at the kills. */
function expectHandled(): void {
  const lines = handled();
  expect(new Set(lines)).toEqual(new Set(ids));
  expect(lines.length - ids.length).toBeLessThanOrEqual(kills * concurrency);
}

describe.each(["durable", "direct"])("a receiver, %s", (mode) => {
  it("handles every event although it is killed again and again", { timeout }, async () => {
    const port = String(await freePort());
    const run = () => start(mode, log(), join(folder.path, "store.db"), port);
    let victim = await run();
    const queue = [...ids];
    const senders = Array.from({ length: concurrency }, async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift())
        await send(`http://127.0.0.1:${port}/billing`, id);
    });
    for (let count = 1; count <= kills; count++) {
      await until(() => handled().length >= (count * ids.length) / (kills + 1), patience);
      await kill(victim);
      victim = await run();
    }
    await Promise.all(senders);
    await until(() => new Set(handled()).size === ids.length, patience);
    expectHandled();
  });
});

describeWithServer("redis", "a consumer", () => {
  const subjects = 20;
  const subjectOf = (id: string) => Number(id.slice("evt_".length)) % subjects;

  it.each(["consumer", "ordered"])("handles every event although killed: %s", { timeout }, async (mode) => {
    const server = await startRedis();
    const redis = new Redis(server.url);
    const run = () => start(mode, log(), server.url);
    const running = [await run(), await run()];
    await Promise.all(
      ids.map((id) =>
        redis.xadd("orders", "*", "id", id, "body", JSON.stringify({ subject: subjectOf(id) })),
      ),
    );
    for (let count = 1; count <= kills; count++) {
      await until(() => handled().length >= (count * ids.length) / (kills + 1), patience);
      await kill(running.shift()!);
      running.push(await run());
    }
    await until(async () => (await redis.xlen("orders")) === 0, patience);
    expectHandled();
    if (mode === "ordered") {
      const seen = Map.groupBy(new Set(handled()), subjectOf);
      const sent = Map.groupBy(ids, subjectOf);
      for (const [subject, order] of sent) expect(seen.get(subject)).toEqual(order);
    }
    redis.disconnect();
    await server.stop();
  });
});
