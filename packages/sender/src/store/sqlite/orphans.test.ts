import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTemporaryFolder } from "@hooks/testkit";
import { expect, it, onTestFinished } from "vitest";
import { createBundle, T0 } from "../conformance/bundle.ts";
import { createSqliteStore } from "../sqlite.ts";

const EVENTS = 500;
const CALLS = 8;

/** An endpoint for which much waits. */
async function open() {
  const folder = createTemporaryFolder("hooks-orphans");
  const path = join(folder.path, "sender.db");
  const store = createSqliteStore({ path });
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  const bundle = createBundle(() => store);
  const { id } = await bundle.addEndpoint();
  for (let call = 0; call < CALLS; call += 1)
    await store.publish(
      Array.from({ length: EVENTS }, () => bundle.eventOf()),
      T0,
    );
  /** How many of its deliveries are in which state, and why. */
  const states = async () => {
    const deliveries = await store.listDeliveries({ limit: 2 * CALLS * EVENTS, endpoint: id });
    const groups = Map.groupBy(deliveries, ({ state, reason = "" }) => `${state} ${reason}`);
    return Object.fromEntries([...groups].map(([name, { length }]) => [name, length]));
  };
  return { store, path, bundle, id, states };
}

const ALL_CANCELLED = { "cancelled endpoint_removed": CALLS * EVENTS };

it("the removal of an endpoint with a long backlog lets others write meanwhile", async () => {
  const { store, id, states } = await open();
  const ended: string[] = [];
  const removed = store.removeEndpoint(id, T0).then((isRemoved) => ended.push(`removed: ${isRemoved}`));
  await store.addSubscriber({ id: "sub_other", name: "", createdAtMs: T0 });
  ended.push("added");
  await removed;
  expect(ended).toEqual(["added", "removed: true"]);
  expect(await states()).toEqual(ALL_CANCELLED);
});

it("what the removal of an endpoint has left behind that was cut off is ended by who looks for what is due", async () => {
  const { store, path, bundle, id, states } = await open();
  const { owned } = await bundle.lease("w1");
  const other = new DatabaseSync(path);
  other.prepare("DELETE FROM endpoints WHERE id = ?").run(id);
  other.close();
  for (let look = 0; look < 10; look += 1)
    expect(await store.due({ shards: owned, nowMs: T0 })).toEqual({ endpoints: [] });
  expect(await states()).toEqual(ALL_CANCELLED);
});
