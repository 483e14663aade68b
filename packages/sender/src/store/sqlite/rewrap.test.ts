import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTemporaryFolder, startChild, until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contractsOf } from "../../test-support/contracts.ts";
import { DELIVERED, playSender } from "../../test-support/played-sender.ts";
import { createVault, keyIdOf } from "../../vault.ts";
import { createBundle, T0 } from "../conformance/bundle.ts";
import { createSqliteStore } from "../sqlite.ts";

let folder: ReturnType<typeof createTemporaryFolder>;
let path: string;
beforeEach(() => {
  folder = createTemporaryFolder();
  path = join(folder.path, "sender.db");
});
afterEach(() => folder.remove());

const keyOf = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const K1 = keyOf("k1");
const K2 = keyOf("k2");
const open = (...keys: readonly string[]) =>
  createSqliteStore({ path, vault: createVault({ masterKeys: keys.join() }) });

const rewrapper = `
  import { createSqliteStore } from ${JSON.stringify(new URL("../../../dist/store/sqlite.js", import.meta.url).href)};
  import { createVault } from ${JSON.stringify(new URL("../../../dist/vault.js", import.meta.url).href)};
  const [, path, masterKeys, calls] = process.argv;
  const store = createSqliteStore({ path, vault: createVault({ masterKeys }) });
  let after;
  for (let call = 0; call < Number(calls); call += 1) ({ after } = await store.rewrap({ limit: 5, after }));
  // Ended while the next one is under way, before or after its commit.
  void store.rewrap({ limit: 5, after }).then(() => process.kill(process.pid, "SIGKILL"));
  if (Number(calls) % 2 === 0) process.kill(process.pid, "SIGKILL");`;

describe("a rewrap", () => {
  it("that is killed leaves everything readable, and the next one ends it", async () => {
    const store = open(K1);
    const { addEndpoint, eventOf } = createBundle(() => store);
    await addEndpoint();
    const events = Array.from({ length: 300 }, () => eventOf());
    await store.publish(events, T0);
    await store.close();
    for (const calls of [4, 9, 16, 25]) {
      const argv = ["--input-type=module", "-e", rewrapper, path, `${K2},${K1}`, String(calls)];
      const child = await startChild(process.execPath, argv, { cwd: folder.path, env: {} });
      expect((await child.exited).signal).toBe("SIGKILL");
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
    let rewrapped = await last.rewrap({ limit: 100 });
    while (rewrapped.state !== "done") rewrapped = await last.rewrap({ limit: 100, after: rewrapped.after });
    expect(rewrapped.forgotten).toEqual(["k1"]);
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
    const database = new DatabaseSync(path, { timeout: 2_000 });
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
