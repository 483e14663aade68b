import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTemporaryFolder, until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contractsOf } from "../../test-support/contracts.ts";
import { DELIVERED, playSender } from "../../test-support/played-sender.ts";
import { rewrapAndKill } from "../../test-support/rewraps.ts";
import { createVault, keyIdOf } from "../../vault.ts";
import { createBundle, T0 } from "../conformance/bundle.ts";
import { K1, K2, rewrapAll } from "../conformance/vault/keys.ts";
import { createSqliteStore } from "../sqlite.ts";

let folder: ReturnType<typeof createTemporaryFolder>;
let path: string;
beforeEach(() => {
  folder = createTemporaryFolder();
  path = join(folder.path, "sender.db");
});
afterEach(() => folder.remove());

const open = (...keys: readonly string[]) =>
  createSqliteStore({ path, vault: createVault({ masterKeys: keys.join() }) });

describe("a rewrap", () => {
  it("that is killed leaves everything readable, and the next one ends it", async () => {
    const store = open(K1);
    const { addEndpoint, eventOf } = createBundle(() => store);
    await addEndpoint();
    const events = Array.from({ length: 300 }, () => eventOf());
    await store.publish(events, T0);
    await store.close();
    for (const steps of [4, 9, 16, 25]) {
      await rewrapAndKill({ store: path, masterKeys: `${K2},${K1}`, steps });
      const both = open(K2, K1);
      for (const { id } of events) expect(await both.getEvent(id)).toMatchObject({ id });
      await both.close();
    }
    const database = new DatabaseSync(path, { readOnly: true });
    const ids = database
      .prepare("SELECT body FROM events")
      .all()
      .map(({ body }) => keyIdOf(body as Uint8Array));
    database.close();
    expect(new Set(ids)).toEqual(new Set(["k1", "k2"]));
    const last = open(K2, K1);
    expect(await rewrapAll(last, undefined, 100)).toMatchObject({ forgotten: ["k1"] });
    await last.close();
    const only = open(K2);
    for (const { id } of events) expect(await only.getEvent(id)).toMatchObject({ id });
    await only.close();
  });
});

describe("a delivery whose body cannot be decrypted", () => {
  it("is tried again until it can be, is never lost, and is not held against its endpoint", async () => {
    const contracts = contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } });
    const store = open(K1);
    const played = playSender({
      store,
      contracts,
      answer: () => DELIVERED,
      schedule: [0, 10, 10, 10, 10],
    });
    const { sender, attempted, sent } = played;
    const { id: subscriber } = await sender.subscribers.create({ name: "one" });
    const endpoint = await sender.endpoints.create({ subscriber, url: "https://example.com/hooks" });
    const publish = (id: string) => sender.publish({ type: "invoice.paid", id, data: { object: { id } } });
    await publish("evt_damaged");
    await publish("evt_whole");
    const database = new DatabaseSync(path, { timeout: 60_000 });
    const read = database.prepare("SELECT body FROM events WHERE id = 'evt_damaged'").get()?.["body"];
    const write = database.prepare("UPDATE events SET body = ? WHERE id = 'evt_damaged'");
    const body = Buffer.from(read as Uint8Array);
    write.run(Buffer.concat([body.subarray(0, -1), Buffer.of((body.at(-1) ?? 0) ^ 1)]));
    await sender.start();
    await until(() => attempted().filter(({ event }) => event === "evt_damaged").length >= 3);
    const [delivery] = await sender.deliveries.list({ event: "evt_damaged", limit: 1 });
    const attempts = await sender.deliveries.attempts(delivery?.id ?? "");
    expect(new Set(attempts.map(({ outcome }) => outcome))).toEqual(new Set(["payload_unavailable"]));
    write.run(body);
    // Dead or scheduled by now, it goes when it is retried.
    await sender.deliveries.retry(delivery?.id ?? "");
    await until(() => sent.some(({ event }) => event.id === "evt_damaged"));
    expect(sent.map(({ event }) => event.id).toSorted()).toEqual(["evt_damaged", "evt_whole"]);
    expect((await sender.endpoints.get(endpoint.id)).state).toBe("active");
    database.close();
    await sender.stop();
  });
});
