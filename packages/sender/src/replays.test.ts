import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contracts } from "@hooks/contracts/producer";
import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Replay } from "./core/replay.ts";
import type { ReplayInput } from "./replays.ts";
import type { Sender } from "./sender.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { DELIVERED, FAILED, playSender, type Answer } from "./test-support/played-sender.ts";

const SECRET = "whsec_" + Buffer.alloc(32).toString("base64");
const [data] = contracts.eventTypes["invoice.paid"]!.examples;

let folder: string;
/** Time stands still but for these leaps. */
let leapMs: number;
let startedMs: number;
const now = () => startedMs + leapMs;
const senders: Sender[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hooks-replays-"));
  leapMs = 0;
  startedMs = Date.now();
});
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.stop({ timeoutMs: 100 });
  await rm(folder, { recursive: true });
});

function openSender(answer: Answer) {
  const played = playSender({
    store: createSqliteStore({ path: join(folder, "sender.db") }),
    contracts,
    schedule: [0],
    now,
    answer,
  });
  senders.push(played.sender);
  return played;
}

async function addEndpoint(sender: Sender, eventTypes: readonly string[] = ["invoice.*"]) {
  const { id: subscriber } = await sender.subscribers.create({ name: "Acme" });
  const url = "https://example.com/in";
  return sender.endpoints.create({ subscriber, url, eventTypes, secret: SECRET });
}

const publish = (sender: Sender, count: number) =>
  sender.publishBatch(Array.from({ length: count }, () => ({ type: "invoice.paid", data })));

/** A sender whose only endpoint has let so many deliveries die, and takes all from now on. */
async function openDead(count: number) {
  let isAway = true;
  const played = openSender(() => (isAway ? FAILED : DELIVERED));
  const { sender, sent } = played;
  const endpoint = await addEndpoint(sender);
  await sender.start();
  await publish(sender, count);
  const dead = () => sender.deadLetters.list({ limit: 100, endpoint: endpoint.id });
  // The breaker leaves it alone for a while.
  await until(async () => {
    leapMs += 60_000;
    return (await dead()).length === count;
  });
  leapMs += 3_600_000;
  sent.length = 0;
  isAway = false;
  return { ...played, endpoint, dead };
}

const isOver = async (sender: Sender, { id }: Replay) => (await sender.replays.get(id)).state === "finished";

describe("replays", () => {
  it("send everything that died once more, and tell of it", async () => {
    const { sender, sent, endpoint, dead } = await openDead(12);
    const { subscriber } = endpoint;
    await sender.endpoints.create({
      subscriber,
      url: "https://example.com/ops",
      eventTypes: ["replay.finished"],
      secret: SECRET,
    });
    expect(await sender.replays.count({ endpoint: endpoint.id })).toEqual({ count: 12, isCounted: true });
    expect(sent).toEqual([]);
    const replay = await sender.replays.create({ endpoint: endpoint.id });
    expect(replay).toMatchObject({ state: "running", selected: 12, replayed: 0 });
    await until(() => isOver(sender, replay));
    await until(() => sent.length === 13);
    expect(await dead()).toEqual([]);
    const [told] = sent.filter(({ event }) => event.type === "replay.finished");
    expect(JSON.parse(Buffer.from(told!.event.body).toString()).data.object).toMatchObject({
      id: replay.id,
      outcome: "finished",
      selected: 12,
      sent: 12,
      failed: 0,
    });
    const attempts = await sender.deliveries.attempts(
      (await sender.deliveries.list({ limit: 1, endpoint: endpoint.id, state: "delivered" }))[0]!.id,
    );
    expect(attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, "http_status"],
      [2, "delivered"],
    ]);
  });

  it("pause, resume and cancel, and go no faster than asked", async () => {
    const { sender, sent, endpoint } = await openDead(5);
    const replay = await sender.replays.create({ endpoint: endpoint.id, perSecond: 1 });
    await until(() => sent.length === 1);
    expect(await sender.replays.pause(replay.id)).toMatchObject({ state: "paused" });
    const { replayed } = await sender.replays.get(replay.id);
    leapMs += 60_000;
    await sender.replays.resume(replay.id);
    await until(() => sent.length > replayed);
    const cancelled = await sender.replays.cancel(replay.id);
    expect(cancelled.state).toBe("cancelled");
    for (const verb of ["pause", "resume", "cancel"] as const)
      await expect(sender.replays[verb](replay.id)).rejects.toMatchObject({ code: "replay_over" });
    expect(cancelled.replayed).toBeLessThan(5);
    expect(await sender.replays.list({ limit: 9 })).toMatchObject([{ id: replay.id, state: "cancelled" }]);
  });

  it("are gone on with after a restart", async () => {
    const { sender, endpoint } = await openDead(4);
    const { id } = await sender.replays.create({ endpoint: endpoint.id, perSecond: 1 });
    await sender.stop();
    const { sender: next, sent } = openSender(() => DELIVERED);
    await next.start();
    leapMs += 1_000;
    await until(async () => {
      leapMs += 1_000;
      return (await next.replays.get(id)).state === "finished";
    });
    expect((await next.replays.get(id)).replayed).toBe(4);
    await until(async () => (await next.deliveries.list({ limit: 9, state: "delivered" })).length === 4);
    expect(sent.length).toBeLessThanOrEqual(4);
  });

  it("recover what an endpoint has missed since a time, and nothing of before", async () => {
    const { sender, sent, endpoint, dead } = await openDead(2);
    const sinceMs = now();
    leapMs += 1_000;
    await sender.endpoints.setState(endpoint.id, "paused");
    await publish(sender, 2);
    const [held] = await sender.deliveries.list({ limit: 9, state: "scheduled" });
    await sender.deliveries.cancel(held!.id);
    await sender.endpoints.setState(endpoint.id, "active");
    await until(() => sent.length === 1);
    leapMs += 1_000;
    const replay = await sender.replays.recover(endpoint.id, { sinceMs });
    await until(() => sent.length === 2);
    await until(() => isOver(sender, replay));
    expect(sent[1]!.event.id).toBe(held!.event);
    expect(await dead()).toHaveLength(2);
  });

  it.each([
    [{}, "validation_failed", "/endpoint"],
    [{ endpoint: "ep_none" }, "endpoint_not_found", "/endpoint"],
    [{ subscriber: "sub_none" }, "subscriber_not_found", "/subscriber"],
    [{ states: [] }, "validation_failed", "/states"],
    [{ states: ["scheduled"] }, "validation_failed", "/states"],
    [{ states: ["dead", "dead"] }, "validation_failed", "/states"],
    [{ states: ["constructor"] }, "validation_failed", "/states"],
    [{ eventTypes: ["*"] }, "validation_failed", "/eventTypes/0"],
    [{ eventTypes: ["no.such"] }, "unknown_event_type", "/eventTypes/0"],
    [{ fromMs: 5, toMs: 5 }, "validation_failed", "/to"],
    [{ fromMs: 9e15 }, "validation_failed", "/from"],
    [{ fromMs: NaN }, "validation_failed", "/from"],
    [{ toMs: -1 }, "validation_failed", "/to"],
    [{ fromMs: 8e15 }, "validation_failed", "/from"],
    [{ perSecond: 0 }, "validation_failed", "/perSecond"],
    [{ perSecond: 1.5 }, "validation_failed", "/perSecond"],
    [{ perSecond: 1e300 }, "validation_failed", "/perSecond"],
  ] as const)("refuse %j", async (input, code, pointer) => {
    const { sender } = openSender(() => DELIVERED);
    const { id: endpoint } = await addEndpoint(sender);
    const isWhere = "endpoint" in input || "subscriber" in input || Object.keys(input).length === 0;
    // What the type forbids, JavaScript allows.
    const asked = { ...(isWhere ? {} : { endpoint }), ...input } as ReplayInput;
    const refused = expect.objectContaining({ code, issues: [expect.objectContaining({ pointer })] });
    await expect(sender.replays.create(asked)).rejects.toEqual(refused);
    await expect(sender.replays.count(asked)).rejects.toEqual(refused);
    expect(await sender.replays.list({ limit: 1 })).toEqual([]);
  });

  it("know no endpoint of another subscriber, and repeat what a key has made", async () => {
    const { sender } = openSender(() => DELIVERED);
    const [one, two] = [await addEndpoint(sender), await addEndpoint(sender)];
    await expect(
      sender.replays.create({ endpoint: one.id, subscriber: two.subscriber }),
    ).rejects.toMatchObject({ code: "endpoint_not_found" });
    const key = { idempotencyKey: "k" };
    const first = await sender.replays.create({ endpoint: one.id }, key);
    expect(await sender.replays.create({ endpoint: one.id }, key)).toEqual(first);
    await expect(sender.replays.create({ endpoint: two.id }, key)).rejects.toMatchObject({
      code: "idempotency_conflict",
    });
    await expect(sender.replays.recover(one.id, { sinceMs: now() + 60_000 })).rejects.toMatchObject({
      issues: [{ pointer: "/since" }],
    });
  });
});

describe("an endpoint that is held", () => {
  it.each(["paused", "disabled"] as const)(
    "while it is %s is sent everything when it is enabled, as if nothing had been",
    async (state) => {
      const { sender, sent } = openSender(() => DELIVERED);
      const endpoint = await addEndpoint(sender);
      await sender.start();
      await sender.endpoints.setState(endpoint.id, state);
      await publish(sender, 30);
      leapMs += 10 * 24 * 3_600_000;
      await publish(sender, 1);
      expect(sent).toEqual([]);
      expect(await sender.deliveries.list({ limit: 99, state: "scheduled" })).toHaveLength(31);
      await sender.endpoints.setState(endpoint.id, "active");
      await until(() => sent.length === 31);
      expect(new Set(sent.map(({ event }) => event.id)).size).toBe(31);
      await until(
        async () => (await sender.deliveries.list({ limit: 99, state: "delivered" })).length === 31,
      );
    },
  );
});
