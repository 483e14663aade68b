import { readFile } from "node:fs/promises";
import { verify } from "@hooks/signing";
import { contracts } from "@hooks/contracts/producer";
import { describe, expect, it } from "vitest";
import { createTestSender, type TestSenderOptions } from "./testing.ts";

async function begin(options: TestSenderOptions = {}) {
  const sender = createTestSender(options);
  const { id: subscriber } = await sender.subscribers.create({ name: "Acme" });
  const endpoint = await sender.endpoints.create({ subscriber, url: "https://example.com/hooks" });
  const publish = (id?: string) =>
    sender.publish({ type: "a.b", data: { n: 1 }, ...(id === undefined ? {} : { id }) });
  const stateOf = async (event: string) =>
    (await sender.deliveries.list({ event, limit: 1 })).map(({ state, attempts }) => ({
      state,
      attempts,
    }))[0];
  return { sender, subscriber, endpoint, publish, stateOf };
}

async function run(seed: number) {
  const { sender, endpoint, publish } = await begin({ seed });
  sender.respond(endpoint.id, [500, "timeout", 500, 200]);
  await publish();
  await sender.advance("1d");
  await sender.stop();
  return { sent: sender.sent(), secrets: endpoint.secrets, reports: sender.reports() };
}

const hours = (ms: number) => ms / 3_600_000;

describe("createTestSender", () => {
  it("sends nothing before time passes, and then what is due", async () => {
    const { sender, endpoint, publish, stateOf } = await begin();
    const { id } = await publish();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(sender.sent()).toEqual([]);
    await sender.advance(0);
    expect(sender.sent(endpoint.id)).toMatchObject([
      { endpoint: endpoint.id, url: "https://example.com/hooks", event: { id, type: "a.b", data: { n: 1 } } },
    ]);
    expect(sender.sent("ep_other")).toEqual([]);
    expect(await stateOf(id)).toEqual({ state: "delivered", attempts: 1 });
    await sender.stop();
  });

  it("signs so that the endpoint's secret verifies it, at the time of the test", async () => {
    const { sender, endpoint, publish } = await begin({ now: new Date("2031-05-05T12:00:00Z") });
    await publish();
    await sender.advance("90s");
    const [request] = sender.sent();
    const { headers = {}, body = new Uint8Array(), sentAtMs = 0 } = request ?? {};
    const keys = endpoint.secrets.map(({ value }) => value);
    expect(verify({ headers, body, keys, now: sentAtMs })).toMatchObject({ ok: true });
    expect(verify({ headers, body, keys, now: sentAtMs + 301_000 })).toMatchObject({
      ok: false,
      reason: "timestamp_too_old",
    });
    expect(sentAtMs).toBe(Date.parse("2031-05-05T12:00:00Z"));
    expect(sender.now()).toBe(sentAtMs + 90_000);
    await sender.stop();
  });

  it("goes through the whole default schedule, and gives up", async () => {
    const { sender, endpoint, publish, stateOf } = await begin();
    sender.respond(endpoint.id, 500);
    const { id } = await publish();
    await sender.advance("4d");
    expect(await stateOf(id)).toEqual({ state: "dead", attempts: 10 });
    const waits = sender
      .sent()
      .map(({ sentAtMs }, index, all) => sentAtMs - (all[index - 1]?.sentAtMs ?? sentAtMs));
    const expected = [0, 5 / 3_600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24];
    expect(waits).toHaveLength(expected.length);
    for (const [index, wait] of waits.entries()) {
      expect(hours(wait)).toBeGreaterThanOrEqual((expected[index] ?? 0) * 0.79);
      expect(hours(wait)).toBeLessThanOrEqual((expected[index] ?? 0) * 1.21);
    }
    expect(new Set(sender.sent().map(({ body }) => Buffer.from(body).toString())).size).toBe(1);
    expect(await sender.deadLetters.list({ limit: 9 })).toHaveLength(1);
    await sender.stop();
  });

  it("is the same in each run, and another with another seed", async () => {
    const first = await run(1);
    expect(first.sent).toHaveLength(4);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  it("plays answers one after the other, and stays at the last", async () => {
    const { sender, endpoint, publish, stateOf } = await begin({ schedule: [0, 1_000, 1_000, 1_000] });
    sender.respond(endpoint.id, [503, { status: 400, body: "no" }, 204]);
    const { id } = await publish();
    await sender.advance("10m");
    expect(await stateOf(id)).toEqual({ state: "delivered", attempts: 3 });
    await publish("evt_next");
    await sender.advance(0);
    expect(await stateOf("evt_next")).toEqual({ state: "delivered", attempts: 1 });
    const [delivery] = await sender.deliveries.list({ event: id, limit: 1 });
    expect(await sender.deliveries.attempts(delivery?.id ?? "")).toMatchObject([
      { status: 503 },
      { status: 400, response: "no" },
      { status: 204 },
    ]);
    await sender.stop();
  });

  it("waits as long as Retry-After says, within the limits of the engine", async () => {
    const { sender, endpoint, publish } = await begin();
    sender.respond(endpoint.id, [{ status: 429, headers: { "Retry-After": "100" } }, 200]);
    await publish();
    await sender.advance("59s");
    expect(sender.sent()).toHaveLength(1);
    await sender.advance("60s");
    expect(sender.sent()).toHaveLength(2);
    await sender.stop();
  });

  it("has endpoints that are slow, and such that never answer", async () => {
    const { sender, subscriber, endpoint, publish } = await begin();
    const slow = await sender.endpoints.create({ subscriber, url: "https://example.org/" });
    sender.respond(endpoint.id, "timeout");
    sender.respond(slow.id, { status: 200, afterMs: 2_000 });
    const { id } = await publish();
    const states = async () =>
      Object.fromEntries(
        (await sender.deliveries.list({ event: id, limit: 9 })).map((one) => [one.endpoint, one]),
      );
    await sender.advance("1s");
    expect((await states())[slow.id]).toMatchObject({ state: "scheduled", attempts: 0 });
    await sender.advance("1s");
    expect((await states())[slow.id]).toMatchObject({ state: "delivered" });
    await sender.advance("12s");
    expect((await states())[endpoint.id]).toMatchObject({ attempts: 0 });
    await sender.advance("1s");
    expect((await states())[endpoint.id]).toMatchObject({ state: "scheduled", attempts: 1 });
    const [, report] = sender.reports().filter(({ kind }) => kind === "attempted");
    expect(report).toMatchObject({ outcome: "timeout", durationMs: 15_000 });
    await sender.stop();
  });

  it("makes answers from requests", async () => {
    const { sender, endpoint, publish, stateOf } = await begin();
    sender.respond(endpoint.id, ({ event }) => (event.id === "evt_bad" ? 410 : 200));
    await publish("evt_good");
    await sender.advance(0);
    await publish("evt_bad");
    await sender.advance(0);
    expect(await stateOf("evt_good")).toMatchObject({ state: "delivered" });
    expect(await sender.endpoints.get(endpoint.id)).toMatchObject({
      state: "disabled",
      disabledReason: "gone",
    });
    await sender.stop();
  });

  it("keeps order, limits rates and opens breakers as the engine does", async () => {
    const { sender, subscriber } = await begin();
    const ordered = await sender.endpoints.create({
      subscriber,
      url: "https://example.com/ordered",
      ordering: "endpoint",
    });
    const limited = await sender.endpoints.create({
      subscriber,
      url: "https://example.com/limited",
      rateLimit: { perSecond: 1, burst: 1 },
    });
    sender.respond(ordered.id, [500, 200]);
    for (let number = 0; number < 5; number += 1)
      await sender.publish({ type: "a.b", id: `evt_${number}`, data: {} });
    await sender.advance("3s");
    expect(sender.sent(ordered.id)).toHaveLength(1);
    expect(sender.sent(limited.id).length).toBeGreaterThanOrEqual(2);
    expect(sender.sent(limited.id).length).toBeLessThanOrEqual(4);
    await sender.advance("1m");
    expect(sender.sent(limited.id)).toHaveLength(5);
    expect(sender.sent(ordered.id).map(({ event }) => event.id)).toEqual([
      "evt_0",
      "evt_0",
      "evt_1",
      "evt_2",
      "evt_3",
      "evt_4",
    ]);
    await sender.stop();
  });

  it("tells of endpoints that fail, and replays what they missed", async () => {
    const { sender, endpoint, subscriber } = await begin({ contracts, schedule: [0, 1_000] });
    const [data] = contracts.eventTypes["invoice.paid"]?.examples ?? [];
    sender.respond(endpoint.id, 500);
    await sender.publish({ type: "invoice.paid", data, subscriber, id: "evt_missed" });
    await sender.advance("2s");
    sender.respond(endpoint.id, 200);
    await sender.replays.create({ endpoint: endpoint.id });
    await sender.advance("1s");
    const types = sender.sent().map(({ event }) => event.type);
    expect(types.filter((type) => type === "invoice.paid")).toHaveLength(3);
    expect(types).toContain("delivery.dead");
    expect(types).toContain("replay.finished");
    await sender.stop();
  });

  it("goes by real contracts, and by the rules for URLs", async () => {
    const { sender, subscriber } = await begin({ contracts });
    await expect(sender.publish({ type: "no.such", data: {} })).rejects.toMatchObject({
      code: "unknown_event_type",
    });
    await expect(
      sender.endpoints.create({ subscriber, url: "http://127.0.0.1:3000/" }),
    ).rejects.toMatchObject({ code: "https_required" });
    const other = await begin({ http: { allowHttp: true, allowCidrs: ["127.0.0.0/8"] } });
    const local = { subscriber: other.subscriber, url: "http://127.0.0.1:3000/" };
    expect(await other.sender.endpoints.create(local)).toMatchObject({ url: local.url });
    await sender.stop();
    await other.sender.stop();
  });

  it("refuses what is no duration, no answer and no endpoint", async () => {
    const { sender, endpoint } = await begin();
    for (const by of [-1, Number.NaN, Infinity, "5", "five minutes", ""])
      await expect(sender.advance(by)).rejects.toMatchObject({ code: "validation_failed" });
    for (const answer of [99, 600, 200.5, { status: 200, afterMs: -1 }, "refused" as never])
      expect(() => sender.respond(endpoint.id, answer)).toThrow(
        expect.objectContaining({ code: "validation_failed" }),
      );
    expect(() => createTestSender({ now: new Date("never") })).toThrow(
      expect.objectContaining({ code: "validation_failed" }),
    );
    sender.respond("ep_nobody", 200);
    await expect(sender.advance(0)).rejects.toMatchObject({ code: "endpoint_not_found" });
    await sender.stop();
  });

  it("stops at once, whatever is under way", async () => {
    const { sender, endpoint, publish } = await begin();
    sender.respond(endpoint.id, "timeout");
    await publish();
    await sender.advance("1s");
    await sender.stop();
    await expect(publish()).rejects.toMatchObject({ code: "storage_unavailable" });
  });
});

describe("the README", () => {
  it("shows a test that passes", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const [, shown = ""] = /## In your tests\n[^]*?```ts\n([^]*?)```/.exec(readme) ?? [];
    const code = shown
      .replaceAll("@hooks/sender/testing", new URL("testing.ts", import.meta.url).href)
      .replaceAll("@hooks/signing", import.meta.resolve("@hooks/signing"))
      .replaceAll("@hooks/contracts/producer", import.meta.resolve("@hooks/contracts/producer"));
    expect(code).toContain("createTestSender");
    await import(`data:text/javascript,${encodeURIComponent(code)}`);
  });
});
