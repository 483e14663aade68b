import { until } from "@hooks/testkit";
import { createTemporaryFolder } from "@hooks/testkit";
import { expect, describe, it } from "vitest";
import { createSqliteStore } from "../store/sqlite.ts";
import { join } from "node:path";
import { DELIVERED, playSender } from "../test-support/played-sender.ts";
import type { AttemptResult } from "../core/outcome.ts";

describe("a worker", () => {
  it("has places left for those that are known to answer, however many hang, and for all of these when they end", async () => {
    const folder = createTemporaryFolder("hooks-trust");
    const store = createSqliteStore({ path: join(folder.path, "sender.db") });
    let hanging = 0;
    let most = 0;
    const ends: ((result: AttemptResult) => void)[] = [];
    const { sender, sent } = playSender({
      store,
      concurrency: 40,
      schedule: [0, 3_600_000],
      answer: ({ endpoint }) => {
        if (!endpoint.url.includes("hang")) return DELIVERED;
        most = Math.max(most, (hanging += 1));
        return new Promise((resolve) => ends.push(resolve));
      },
    });
    const { id: subscriber } = await sender.subscribers.create({ name: "test" });
    const addEndpoints = async (name: string, count: number) => {
      for (let index = 0; index < count; index += 1)
        await sender.endpoints.create({ subscriber, url: `https://example.com/${name}/${index}` });
    };
    const publish = (count: number) =>
      sender.publishBatch(
        Array.from({ length: count }, (_, index) => ({ type: "invoice.paid", data: { index } })),
      );
    const to = (name: string) => sent.filter(({ endpoint }) => endpoint.url.includes(name));
    await sender.start();
    await addEndpoints("works", 3);
    await publish(1);
    await until(() => to("works").length === 3);
    await addEndpoints("hang", 30);
    await publish(20);
    await until(() => to("works").length === 63, { what: "all for those that are known to answer" });
    expect(most).toBeLessThanOrEqual(20);
    expect(hanging).toBe(most);
    // Whoever hangs is served in turn: each of them has been asked before it is over.
    const isAsked = () => {
      for (const end of ends.splice(0)) {
        hanging -= 1;
        end({ outcome: "timeout", durationMs: 15_000 });
      }
      return new Set(to("hang").map(({ endpoint }) => endpoint.id)).size === 30;
    };
    await until(isAsked, { what: "an attempt for each that hangs" });
    expect(most).toBeLessThanOrEqual(20);
    const ending = sender.stop();
    await until(() => {
      for (const end of ends.splice(0)) end({ outcome: "timeout", durationMs: 15_000 });
      return Promise.race([ending.then(() => true), new Promise((resolve) => setTimeout(resolve, 5, false))]);
    });
    folder.remove();
  });

  it("has a place for one that was never tried while a few hang with all that they have", async () => {
    const folder = createTemporaryFolder("hooks-trust");
    const store = createSqliteStore({ path: join(folder.path, "sender.db") });
    const end = new AbortController();
    const hanging = new Promise<AttemptResult>((resolve) => {
      end.signal.addEventListener("abort", () => resolve({ outcome: "timeout", durationMs: 15_000 }));
    });
    const { sender, sent } = playSender({
      store,
      concurrency: 40,
      schedule: [0, 3_600_000],
      answer: ({ endpoint }) => (endpoint.url.includes("hangs") ? hanging : DELIVERED),
    });
    const addEndpoints = async (name: string, count: number) => {
      const { id: subscriber } = await sender.subscribers.create({ name });
      for (let index = 0; index < count; index += 1)
        await sender.endpoints.create({ subscriber, url: `https://example.com/${name}/${index}` });
      return subscriber;
    };
    const publish = (subscriber: string, count: number) =>
      sender.publishBatch(
        Array.from({ length: count }, (_, index) => ({ type: "invoice.paid", data: { index }, subscriber })),
      );
    const isSentTo = (name: string, count: number) =>
      until(() => sent.filter(({ endpoint }) => endpoint.url.includes(name)).length === count, {
        what: name,
      });
    await sender.start();
    await publish(await addEndpoints("hangs", 6), 30);
    // Who is known to answer is served in turn with them, and then there is nothing more that they could have had.
    const known = await addEndpoints("known", 1);
    for (let round = 1; round <= 3; round += 1) {
      await publish(known, 30);
      await isSentTo("known", 30 * round);
    }
    await publish(await addEndpoints("fresh", 2), 1);
    await isSentTo("fresh", 2);
    end.abort();
    await sender.stop();
    folder.remove();
  });
});
