import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contracts } from "@hooks/contracts/producer";
import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Contracts } from "./contracts.ts";
import type { Sender } from "./sender.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { DELIVERED, FAILED, playSender, type Answer } from "./test-support/played-sender.ts";

const SECRET = "whsec_" + Buffer.alloc(32).toString("base64");
const [data] = contracts.eventTypes["invoice.paid"]!.examples;
const OPERATIONAL = ["endpoint.failing", "endpoint.disabled", "endpoint.recovered", "delivery.dead"] as const;

let folder: string;
/** Time stands still but for these leaps. */
let leapMs: number;
let startedMs: number;
const senders: Sender[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hooks-operational-"));
  leapMs = 0;
  startedMs = Date.now();
});
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.stop({ timeoutMs: 100 });
  await rm(folder, { recursive: true });
});

/** A subscriber with an endpoint for invoices, played by `answer`, and one for what is told of it, which takes all. */
async function open(answer: Answer, { schedule = [0, 3_600_000], known = contracts as Contracts } = {}) {
  const told: { readonly type: string; readonly object: Readonly<Record<string, unknown>> }[] = [];
  const { sender, sent } = playSender({
    store: createSqliteStore({ path: join(folder, "sender.db") }),
    contracts: known,
    schedule,
    now: () => startedMs + leapMs,
    answer: async (request) => {
      if (!request.endpoint.url.endsWith("/ops")) return answer(request);
      const { type, data } = JSON.parse(Buffer.from(request.event.body).toString());
      told.push({ type, object: data.object });
      return DELIVERED;
    },
  });
  senders.push(sender);
  const { id: subscriber } = await sender.subscribers.create({ name: "Acme" });
  const { id: stranger } = await sender.subscribers.create({ name: "Other" });
  const add = (owner: string, path: string, eventTypes: readonly string[]) =>
    sender.endpoints.create({
      subscriber: owner,
      url: `https://example.com${path}`,
      eventTypes,
      secret: SECRET,
    });
  const endpoint = await add(subscriber, "/in", ["invoice.*"]);
  const types = OPERATIONAL.filter((type) => Object.hasOwn(known.eventTypes, type));
  await add(subscriber, "/ops", types);
  await add(stranger, "/other/ops", types);
  await sender.start();
  const publish = (count: number) =>
    sender.publishBatch(Array.from({ length: count }, () => ({ type: "invoice.paid", data })));
  return { sender, sent, told, endpoint, publish };
}

describe("operational events", () => {
  it("tell the owner, and nobody else, of a delivery that died, and not of its own death", async () => {
    const { sent, told, endpoint, publish } = await open(() => FAILED, { schedule: [0] });
    await publish(1);
    await until(() => told.length === 1);
    const [delivery] = await senders[0]!.deliveries.list({ limit: 1, endpoint: endpoint.id });
    expect(told).toMatchObject([
      {
        type: "delivery.dead",
        object: {
          id: delivery!.id,
          event_id: delivery!.event,
          event_type: "invoice.paid",
          endpoint: { id: endpoint.id, subscriber: endpoint.subscriber, url: endpoint.url },
          reason: "schedule_exhausted",
          attempts: 1,
          last_outcome: { kind: "http_status", status: 500 },
        },
      },
    ]);
    expect(sent.filter(({ endpoint }) => endpoint.url.includes("other"))).toEqual([]);
  });

  it("tell of a delivery that could not be made", async () => {
    const known = { ...contracts, migrate: () => ({ ok: false }) } as Contracts;
    const { sender, told, endpoint, publish } = await open(() => DELIVERED, { known });
    await sender.endpoints.update(endpoint.id, { versions: { "invoice.paid": "1" } });
    await publish(1);
    await until(() => told.length === 1);
    expect(told).toMatchObject([
      {
        type: "delivery.dead",
        object: {
          event_type: "invoice.paid",
          endpoint: { id: endpoint.id },
          reason: "version_unavailable",
          attempts: 0,
          last_outcome: null,
        },
      },
    ]);
  });

  it("tell that an endpoint fails once, and that it works again", async () => {
    let isAway = true;
    const { told, endpoint, publish } = await open(() => (isAway ? FAILED : DELIVERED));
    await publish(12);
    await until(() => told.length === 1);
    expect(told[0]).toMatchObject({
      type: "endpoint.failing",
      object: { id: endpoint.id, failures: expect.any(Number), last_outcome: { kind: "http_status" } },
    });
    const statistics = () => senders[0]!.endpoints.statistics(endpoint.id);
    await until(async () => (await statistics()).health.breaker === "open");
    expect(await statistics()).toEqual({
      health: {
        breaker: "open",
        retryAtMs: expect.any(Number),
        failingSinceMs: expect.any(Number),
        attemptsSinceSuccess: expect.any(Number),
      },
      scheduled: { count: 12, isCounted: true },
      dead: { count: 0, isCounted: true },
    });
    leapMs += 31_000;
    await publish(1);
    isAway = false;
    // What was on its way may still have failed.
    await until(() => {
      leapMs += 30_000;
      return told.length === 2;
    });
    await until(
      async () => (await senders[0]!.deliveries.list({ limit: 99, state: "delivered" })).length > 2,
    );
    expect(told).toHaveLength(2);
    expect(told[1]).toMatchObject({ type: "endpoint.recovered", object: { id: endpoint.id } });
    const { health } = await until(async () => {
      const now = await statistics();
      return now.health.breaker === "closed" && now;
    });
    expect(health).toEqual({ breaker: "closed", attemptsSinceSuccess: 0 });
  });

  it("tell that an endpoint was disabled because it is gone, and that it works again", async () => {
    let isGone = true;
    const { sender, told, endpoint, publish } = await open(() =>
      isGone ? { outcome: "gone", status: 410, durationMs: 1 } : DELIVERED,
    );
    await publish(3);
    await until(() => told.length > 0);
    isGone = false;
    await sender.endpoints.setState(endpoint.id, "active");
    await until(() => told.some(({ type }) => type === "endpoint.recovered"));
    expect(told.map(({ type, object }) => [type, object["reason"]])).toEqual([
      ["endpoint.disabled", "gone"],
      ["endpoint.recovered", undefined],
    ]);
  });

  it("tell of an endpoint that somebody disabled", async () => {
    const { sender, told, endpoint } = await open(() => DELIVERED);
    await sender.endpoints.setState(endpoint.id, "disabled");
    await sender.endpoints.setState(endpoint.id, "disabled");
    await until(() => told.length > 0);
    expect(told).toMatchObject([
      { type: "endpoint.disabled", object: { id: endpoint.id, reason: "requested" } },
    ]);
  });

  it("do not make each other when they die themselves, nor where the contracts do not know them", async () => {
    const { "delivery.dead": _, ...eventTypes } = contracts.eventTypes;
    const { sender, sent, publish } = await open(() => FAILED, {
      schedule: [0],
      known: { ...contracts, eventTypes },
    });
    const { id: subscriber } = await sender.subscribers.create({ name: "All" });
    await sender.endpoints.create({ subscriber, url: "https://example.com/all" });
    await publish(1);
    await until(async () => (await sender.deliveries.list({ limit: 9, state: "dead" })).length === 2);
    expect(await sender.events.list({ limit: 9 })).toHaveLength(1);
    expect(sent).toHaveLength(2);
  });
});
