import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type BacklogLimits, limitBacklog } from "./backlog.ts";
import { createSender } from "./sender.ts";
import type { NewEvent, PublishResult, Store } from "./store.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { contractsOf } from "./test-support/contracts.ts";

/** A store that answers when it is told to. */
function open(limits: BacklogLimits) {
  const asked: { readonly events: readonly NewEvent[]; readonly answer: (error?: Error) => void }[] = [];
  const publish = limitBacklog(
    (events) =>
      new Promise((resolve, reject) => {
        const results: PublishResult[] = [];
        asked.push({ events, answer: (error) => (error === undefined ? resolve(results) : reject(error)) });
      }),
    limits,
  );
  return { asked, publish };
}

function eventsOf(count: number, bytes = 0): readonly NewEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `evt_${index}`,
    type: "invoice.paid",
    version: "1.0.0",
    source: "test",
    digest: "",
    envelope: { before: "", after: "x".repeat(bytes / 2) },
    render: () => ({ kind: "own" }),
  }));
}

const TOO_MUCH = { code: "storage_unavailable", message: expect.stringContaining("wait") };

describe("limitBacklog", () => {
  it("refuses at once what there is no room for, and keeps what came before", async () => {
    const { asked, publish } = open({ maxEvents: 5 });
    const kept = [publish(eventsOf(3), 0), publish(eventsOf(2), 0)];
    await expect(publish(eventsOf(1), 0)).rejects.toMatchObject(TOO_MUCH);
    expect(asked.map(({ events }) => events.length)).toEqual([3, 2]);
    for (const { answer } of asked) answer();
    await Promise.all(kept);
  });

  it("has room again for what the store has answered, be it with an error", async () => {
    const { asked, publish } = open({ maxEvents: 5 });
    const [first, second] = [publish(eventsOf(4), 0), publish(eventsOf(1), 0)];
    asked[0]!.answer(new Error("no"));
    await expect(first).rejects.toThrow("no");
    const third = publish(eventsOf(4), 0);
    await expect(publish(eventsOf(1), 0)).rejects.toMatchObject(TOO_MUCH);
    asked[1]!.answer();
    asked[2]!.answer();
    await Promise.all([second, third]);
  });

  it("counts bytes too", async () => {
    const { asked, publish } = open({ maxBytes: 1_000 });
    const kept = publish(eventsOf(1, 600), 0);
    await expect(publish(eventsOf(1, 402), 0)).rejects.toMatchObject(TOO_MUCH);
    void publish(eventsOf(1, 400), 0);
    expect(asked).toHaveLength(2);
    asked[0]!.answer();
    await kept;
  });

  it("lets one call pass that is too large for any room, when it is alone", async () => {
    const { asked, publish } = open({ maxEvents: 5 });
    const large = publish(eventsOf(9), 0);
    await expect(publish(eventsOf(1), 0)).rejects.toMatchObject(TOO_MUCH);
    asked[0]!.answer();
    expect(await large).toEqual([]);
  });

  it("leaves transactions of callers alone", async () => {
    const { asked, publish } = open({ maxEvents: 1 });
    const transaction = { query: async () => ({ rows: [] }) };
    void publish(eventsOf(1), 0);
    void publish(eventsOf(1), 0, transaction);
    expect(asked).toHaveLength(2);
  });
});

describe("createSender", () => {
  it("refuses publishers while too much waits for a store that does not answer, and keeps what it took", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hooks-backlog-"));
    const path = join(folder, "sender.db");
    const contracts = contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } });
    const store = createSqliteStore({ path });
    const answers = { from: Promise.resolve() };
    const publish: Store["publish"] = async (...call) => {
      await answers.from;
      return store.publish(...call);
    };
    const sender = createSender({ store: { ...store, publish }, contracts });
    onTestFinished(async () => {
      await sender.stop();
      rmSync(folder, { recursive: true });
    });
    const event = { type: "invoice.paid", data: { object: { id: "inv_1" } } };
    await sender.publish(event);
    const silence = Promise.withResolvers<void>();
    answers.from = silence.promise;
    const batch = sender.publishBatch(Array.from({ length: 20_000 }, () => event));
    await expect(sender.publish(event)).rejects.toMatchObject(TOO_MUCH);
    silence.resolve();
    expect(await batch).toHaveLength(20_000);
    expect(await sender.publish(event)).toMatchObject({ duplicate: false });
  });
});
