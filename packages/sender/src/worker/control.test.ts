import { join } from "node:path";
import { createTemporaryFolder, until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sender } from "../sender.ts";
import { createSqliteStore } from "../store/sqlite.ts";
import { DELIVERED, FAILED, playSender, type Answer } from "../test-support/played-sender.ts";

let folder: ReturnType<typeof createTemporaryFolder>;
let sender: Sender;
beforeEach(() => {
  folder = createTemporaryFolder("hooks-control");
});
afterEach(async () => {
  await sender.stop({ timeoutMs: 100 });
  folder.remove();
});

function open(answer: Answer, schedule: readonly number[]) {
  const store = createSqliteStore({ path: join(folder.path, "sender.db") });
  const played = playSender({ store, answer, schedule });
  ({ sender } = played);
  return played;
}

async function addEndpoint(name: string): Promise<string> {
  const { id: subscriber } = await sender.subscribers.create({ name });
  return (await sender.endpoints.create({ subscriber, url: `https://example.com/${name}` })).id;
}

const publish = (count: number) =>
  sender.publishBatch(
    Array.from({ length: count }, (_, index) => ({ type: "invoice.paid", data: { index } })),
  );

const CANCELLED = "without its deliveries";

/** Ways to end or interrupt what is sent to an endpoint. */
const ENDINGS: Readonly<Record<string, (endpoint: string) => Promise<unknown>>> = {
  paused: (id) => sender.endpoints.setState(id, "paused"),
  disabled: (id) => sender.endpoints.setState(id, "disabled"),
  removed: (id) => sender.endpoints.remove(id),
  [CANCELLED]: async (endpoint) => {
    const waiting = await sender.deliveries.list({ limit: 1_000, endpoint, state: "scheduled" });
    // One that has come to its end meanwhile cannot be cancelled.
    await Promise.allSettled(waiting.map(({ id }) => sender.deliveries.cancel(id)));
  },
};

describe("a worker", () => {
  it.each(Object.entries(ENDINGS))("begins no attempt for an endpoint that is %s", async (name, end) => {
    // Some fail and are tried again all the time.
    let count = 0;
    const { sent } = open(async () => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      return (count += 1) % 3 === 0 ? FAILED : DELIVERED;
    }, [0, 5, 5, 5, 5, 5, 5, 5]);
    const ended = await addEndpoint("ended");
    await sender.start();
    await publish(300);
    await until(() => sent.length > 20);
    await end(ended);
    const before = sent.length;
    const other = await addEndpoint("other");
    await publish(30);
    const to = (id: string) => sent.filter(({ endpoint }) => endpoint.id === id).length;
    await until(() => to(other) >= 30, { what: "what is sent to another endpoint" });
    const late = sent.slice(before).filter(({ endpoint }) => endpoint.id === ended);
    const gone = await sender.deliveries.list({ limit: 1_000, endpoint: ended, state: "cancelled" });
    const cancelled = new Set(gone.map(({ event }) => event));
    // Whose deliveries were cancelled gets what is published afterwards.
    const wrong = name === CANCELLED ? late.filter(({ event }) => cancelled.has(event.id)) : late;
    expect(wrong).toEqual([]);
    if (name === CANCELLED) expect(cancelled.size).toBeGreaterThan(0);
  });

  it("makes one attempt of a delivery at a time, and counts all, however often it is retried by hand", async () => {
    const underWay = new Set<string>();
    const overlaps: string[] = [];
    const { sent } = open(
      async ({ event }) => {
        if (underWay.has(event.id)) overlaps.push(event.id);
        underWay.add(event.id);
        await new Promise((resolve) => setTimeout(resolve, 2));
        underWay.delete(event.id);
        return FAILED;
      },
      [0, 4, 4, 3_600_000, 3_600_000],
    );
    await addEndpoint("failing");
    await sender.start();
    await publish(8);
    const deliveries = await sender.deliveries.list({ limit: 9 });
    for (let round = 0; round < 25; round += 1) {
      await Promise.all(deliveries.map(({ id }) => sender.deliveries.retry(id)));
      await new Promise((resolve) => setTimeout(resolve, round % 5));
    }
    await sender.stopDelivering();
    expect(overlaps).toEqual([]);
    let attempts = 0;
    for (const { id } of deliveries) {
      const made = await sender.deliveries.attempts(id);
      expect(made.map(({ number }) => number)).toEqual(made.map((_, index) => index + 1));
      expect((await sender.deliveries.get(id)).attempts).toBe(made.length);
      attempts += made.length;
    }
    expect(attempts).toBe(sent.length);
    expect(attempts).toBeGreaterThan(deliveries.length);
  });
});
