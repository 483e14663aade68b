import { until } from "@hooks/testkit";
import { expect } from "vitest";
import type { Store } from "../store.ts";
import { DELIVERED, playSender } from "./played-sender.ts";
import { startPublishers } from "./publishers.ts";

export interface OutageProof {
  readonly name: string;
  readonly store: Store;
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

/**
 * Publishes and delivers before, during and after an outage of the store: who publishes is told soon, nothing that was
 * acknowledged is lost or sent twice, and work goes on by itself.
 */
export async function proveOutage({ name, store, begin, end }: OutageProof): Promise<void> {
  const { sender, sent } = playSender({ store, answer: () => DELIVERED, pollMs: 100, heartbeatMs: 500 });
  const { id: subscriber } = await until(() => sender.subscribers.create({ name: "one" }));
  const urls = ["https://example.com/a", "https://example.com/b"];
  for (const url of urls) await until(() => sender.endpoints.create({ subscriber, url }));
  await sender.start();
  const publishers = startPublishers(sender, name.replaceAll(/\W/g, ""));
  await until(() => publishers.acknowledged.size > 50);
  await begin();
  const before = publishers.refused();
  await until(() => publishers.refused() > before + 8, { timeoutMs: 120_000, what: "refusals" });
  await end();
  const known = publishers.acknowledged.size;
  await until(() => publishers.acknowledged.size > known + 50, { timeoutMs: 120_000, what: "a recovery" });
  await publishers.stop();
  // This is promised.
  expect(publishers.longestMs()).toBeLessThan(2_000);
  const isFinished = async () =>
    (await sender.deliveries.list({ limit: 1, state: "scheduled" })).length === 0;
  await until(isFinished, { timeoutMs: 120_000, what: "the end of every delivery" });
  const received = Map.groupBy(sent, ({ event, endpoint }) => `${event.id} ${endpoint.url}`);
  const expected = [...publishers.acknowledged].flatMap((id) => urls.map((url) => `${id} ${url}`));
  expect(expected.filter((one) => !received.has(one))).toEqual([]);
  // One process that does not die sends nothing twice, whatever becomes of the store.
  expect([...received.values()].filter(({ length }) => length > 1)).toEqual([]);
  await sender.stop();
}
