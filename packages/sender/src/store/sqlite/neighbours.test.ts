import { join } from "node:path";
import { createTemporaryFolder, until } from "@hooks/testkit";
import { expect, it, onTestFinished } from "vitest";
import { DELIVERED, playSender } from "../../test-support/played-sender.ts";
import { createSqliteStore } from "../sqlite.ts";

/** Longer than any test: nothing that goes on has waited for a heartbeat or for a lease to end. */
const NEVER_MS = 600_000;

it("workers of one SQLite file share the work when one comes, and one takes it all over when the other ends", async () => {
  const folder = createTemporaryFolder("hooks-neighbours");
  onTestFinished(() => folder.remove());
  const open = () => {
    const store = createSqliteStore({ path: join(folder.path, "sender.db") });
    const played = playSender({ store, answer: () => DELIVERED, heartbeatMs: NEVER_MS, leaseMs: NEVER_MS });
    onTestFinished(() => played.sender.stop({ timeoutMs: 100 }));
    return played;
  };
  const [one, other] = [open(), open()];
  const { id: subscriber } = await one.sender.subscribers.create({ name: "one" });
  for (let count = 0; count < 12; count += 1)
    await one.sender.endpoints.create({ subscriber, url: `https://example.com/${count}` });
  const publish = () => one.sender.publish({ type: "invoice.paid", data: {} });
  await one.sender.start();
  await publish();
  await until(() => one.sent.length === 12);
  await other.sender.start();
  let published = 1;
  const isShared = async () => {
    await publish();
    published += 1;
    return other.sent.length > 0;
  };
  await until(isShared, { everyMs: 50, what: "a share of the work for the other" });
  await one.sender.stopDelivering();
  const before = one.sent.length;
  await publish();
  published += 1;
  await until(() => one.sent.length + other.sent.length === 12 * published);
  expect(one.sent).toHaveLength(before);
  const sent = [...one.sent, ...other.sent].map(({ event, endpoint }) => `${event.id} ${endpoint.id}`);
  expect(new Set(sent).size).toBe(sent.length);
});
