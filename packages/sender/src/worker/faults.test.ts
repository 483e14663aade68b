import { createTemporaryFolder, until } from "@hooks/testkit";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createSqliteStore } from "../store/sqlite.ts";
import { DELIVERED, playSender } from "../test-support/played-sender.ts";

it("a worker records an error within an attempt as a failure of its own, and goes on with what else there is", async () => {
  const folder = createTemporaryFolder("hooks-faults");
  const { sender, attempted, reports } = playSender({
    store: createSqliteStore({ path: join(folder.path, "sender.db") }),
    answer: ({ endpoint }) => {
      if (endpoint.url.endsWith("/broken")) throw new Error("Nobody has thought of this");
      return DELIVERED;
    },
    schedule: [0, 5, 5],
    concurrency: 2,
  });
  onTestFinished(async () => {
    await sender.stop({ timeoutMs: 100 });
    folder.remove();
  });
  const { id: subscriber } = await sender.subscribers.create({ name: "one" });
  const broken = await sender.endpoints.create({ subscriber, url: "https://example.com/broken" });
  const working = await sender.endpoints.create({ subscriber, url: "https://example.com/working" });
  await sender.start();
  await sender.publishBatch(
    Array.from({ length: 6 }, (_, index) => ({ type: "invoice.paid", data: { index } })),
  );
  await until(() => attempted().length === 6 * 4);
  const states = async (endpoint: string) =>
    (await sender.deliveries.list({ limit: 9, endpoint })).map(({ state, reason }) => reason ?? state);
  expect(await states(working.id)).toEqual(Array(6).fill("delivered"));
  expect(await states(broken.id)).toEqual(Array(6).fill("schedule_exhausted"));
  const [first] = await sender.deliveries.list({ limit: 1, endpoint: broken.id });
  const attempts = await sender.deliveries.attempts(first!.id);
  expect(attempts.map(({ outcome }) => outcome)).toEqual(Array(3).fill("internal_error"));
  expect(reports.filter(({ kind }) => kind === "fault")).toHaveLength(6 * 3);
  // It says nothing about the endpoint.
  expect((await sender.endpoints.get(broken.id)).state).toBe("active");
});
