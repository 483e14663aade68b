import { join } from "node:path";
import { createTemporaryFolder, startSink, until } from "@hooks/testkit";
import { expect, it, onTestFinished } from "vitest";
import { createSender, type Sender } from "./sender.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { contractsOf } from "./test-support/contracts.ts";

/** Nobody gives up on an endpoint while a test lasts. */
const NEVER_MS = 600_000;

const countDelivered = async (sender: Sender) =>
  (await sender.deliveries.list({ limit: 9, state: "delivered" })).length;

it("a sender stops at its deadline while an endpoint hangs, and another goes on with all that it has left", async () => {
  const folder = createTemporaryFolder("hooks-stop");
  const sink = await startSink();
  onTestFinished(async () => {
    await sink.close();
    folder.remove();
  });
  sink.answerWith(({ path }) => (path === "/hangs" ? { fault: "hang" } : {}));
  const open = () =>
    createSender({
      store: createSqliteStore({ path: join(folder.path, "sender.db") }),
      contracts: contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } }),
      http: { allowHttp: true, allowCidrs: ["127.0.0.0/8"], timeoutMs: NEVER_MS },
      worker: { leaseMs: 5_000, heartbeatMs: 200, pollMs: 50 },
    });
  const first = open();
  const { id: subscriber } = await first.subscribers.create({ name: "one" });
  const addEndpoint = async (path: string) =>
    (await first.endpoints.create({ subscriber, url: `${sink.url}${path}` })).id;
  const [hangs, works] = [await addEndpoint("/hangs"), await addEndpoint("/works")];
  await first.start();
  const { id: event } = await first.publish({ type: "invoice.paid", data: { object: { id: "inv_1" } } });
  await sink.received(2);
  await until(async () => (await countDelivered(first)) === 1);
  await first.stop({ timeoutMs: 200 });

  const second = open();
  onTestFinished(() => second.stop({ timeoutMs: 0 }));
  sink.answerWith(() => ({}));
  await second.start();
  await second.publish({ type: "invoice.paid", data: { object: { id: "inv_2" } } });
  await until(async () => (await countDelivered(second)) === 4);
  const outcomesOf = async (endpoint: string) => {
    const [delivery] = await second.deliveries.list({ limit: 1, endpoint, event });
    return (await second.deliveries.attempts(delivery?.id ?? "")).map(({ outcome }) => outcome);
  };
  expect(await outcomesOf(works)).toEqual(["delivered"]);
  const [made, ...later] = await outcomesOf(hangs);
  expect([made, later.at(-1)]).toEqual(["interrupted", "delivered"]);
});
