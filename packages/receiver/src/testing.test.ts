import { generateSecret } from "@hooks/signing";
import { findProvider, type ProviderId } from "@hooks/signing/providers";
import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { createMemoryDedupe } from "./dedupe/memory.ts";
import { createDirectReceiver } from "./direct.ts";
import { createFastifyPlugin } from "./fastify.ts";
import { createFetchHandler } from "./fetch.ts";
import { gone } from "./handler-result.ts";
import type { ReceivedEvent } from "./handlers.ts";
import { payloadHandlers } from "./payload-handlers.ts";
import type { SourceOptions } from "./source.ts";
import { createOfflineSender, signedInject, signedRequest } from "./testing.ts";

const secret = generateSecret();
const create = (handle: (event: ReceivedEvent) => unknown, source: Partial<SourceOptions> = {}) => {
  const settings: SourceOptions = { provider: "standard-webhooks", secrets: [secret], ...source };
  return createDirectReceiver({
    sources: { billing: settings },
    dedupe: createMemoryDedupe(),
    handlers: { "*": handle },
    report: () => {},
  });
};
const url = "https://host/billing";

describe("signedRequest", () => {
  it("makes what a receiver takes for genuine", async () => {
    const seen: ReceivedEvent[] = [];
    const handle = createFetchHandler(create((event) => seen.push(event)));
    const event = { id: "evt_1", type: "invoice.paid" };
    expect((await handle(signedRequest(event, { secret, url }))).status).toBe(202);
    expect((await handle(signedRequest(event, { secret, url, id: "evt_2" }))).status).toBe(202);
    expect((await handle(signedRequest(Buffer.from([0xff]), { secret, url }))).status).toBe(202);
    expect((await handle(signedRequest("é", { secret, url }))).status).toBe(202);
    expect((await handle(signedRequest(event, { secret: generateSecret(), url }))).status).toBe(401);
    expect((await handle(signedRequest(event, { secret, url, timestamp: 1 }))).status).toBe(401);
    expect(seen.map(({ id, body }) => [id, Buffer.from(body).toString("latin1")])).toEqual([
      ["evt_1", JSON.stringify(event)],
      ["evt_2", JSON.stringify(event)],
      [expect.stringMatching(/^test_/), "\xff"],
      [expect.stringMatching(/^test_/), "\xc3\xa9"],
    ]);
  });

  it("signs as providers do", async () => {
    const names = ["stripe", "github", "slack", "shopify", "twilio", "square", "gitlab"] as const;
    for (const provider of names) {
      const seen: string[] = [];
      const row = findProvider(provider);
      const key = row.kind === "standard-webhooks" ? secret : "a secret";
      const settings = provider === "square" ? { notificationUrl: url } : {};
      const receiver = createDirectReceiver({
        sources: { billing: { provider, secrets: [key], settings } },
        dedupe: createMemoryDedupe(),
        handlers: {},
        sourceHandlers: { billing: payloadHandlers({ "*": (_, { type }) => seen.push(type) }) },
      });
      const request = signedRequest({ type: "push" }, { provider, secret: key, url, settings });
      expect((await createFetchHandler(receiver)(request)).status, provider).toBe(202);
      expect(seen, provider).toHaveLength(1);
    }
  });

  it.each([
    ["paypal", /Expected a provider that signs with Standard Webhooks, an HMAC or a token/],
    ["githib", /Unknown provider\. Nearest: github/],
  ])("says that it cannot sign for %s", (provider, message) => {
    expect(() => signedRequest("{}", { provider: provider as ProviderId, secret, url })).toThrow(message);
  });

  it("is injected into fastify", async () => {
    const app = Fastify();
    await app.register(createFastifyPlugin(create(() => {})), { prefix: "/webhooks" });
    const event = { type: "invoice.paid" };
    const response = await app.inject(signedInject(event, { secret, url: "/webhooks/billing" }));
    expect(response.statusCode).toBe(202);
    await app.close();
  });
});

const refuse = async () => new Response(null, { status: 422, headers: { "webhook-retry": "no" } });

describe("createOfflineSender", () => {
  const events = Array.from({ length: 40 }, (_, n) => ({ id: `evt_${n}`, type: "invoice.paid", n }));

  const orderOf = async (seed: number) => {
    const seen: string[] = [];
    const receiver = create(({ id }) => seen.push(id));
    const sender = createOfflineSender({ handle: createFetchHandler(receiver), secret, url });
    await sender.send(events, { seed, concurrency: 1, retryMs: 0 });
    return seen;
  };

  it("sends duplicates, loses acknowledgements, sends again and in another order; a receiver bears it", async () => {
    const handled: string[] = [];
    let failures = 0;
    const receiver = create(({ id }) => {
      if (failures++ % 3 === 0) throw new Error("database away");
      handled.push(id);
    });
    const sender = createOfflineSender({ handle: createFetchHandler(receiver), secret, url });
    const deliveries = await sender.send(events, { retryMs: 1 });
    expect(deliveries.map(({ event }) => event)).toEqual(events);
    expect(new Set(deliveries.map(({ outcome }) => outcome))).toEqual(new Set(["delivered"]));
    const statuses = deliveries.flatMap((delivery) => delivery.statuses);
    expect(statuses).toEqual(expect.arrayContaining([202, 200, 500]));
    expect(statuses.length).toBeGreaterThan(events.length * 2);
    const ids = events.map(({ id }) => id);
    expect(handled).not.toEqual(ids);
    expect(handled.toSorted()).toEqual(ids.toSorted());
  });

  it("shows handlers that do not bear it, without a memory before them", async () => {
    let total = 0;
    const handle = async () => {
      total += 1;
      return new Response(null, { status: 204 });
    };
    await createOfflineSender({ handle, secret, url }).send(events, { retryMs: 0 });
    expect(total).toBeGreaterThan(events.length);
  });

  it("sends each once, and in order, where it is told to", async () => {
    const seen: string[] = [];
    const receiver = create(({ id }) => seen.push(id));
    const sender = createOfflineSender({ handle: createFetchHandler(receiver), secret, url });
    await sender.send(events, { copies: 1, lostOfTen: 0, shuffle: false, concurrency: 1 });
    expect(seen).toEqual(events.map(({ id }) => id));
  });

  it("does the same again with the same seed", async () => {
    expect(await orderOf(7)).toEqual(await orderOf(7));
    expect(await orderOf(8)).not.toEqual(await orderOf(7));
  });

  it("gives up as a provider does", async () => {
    const outcome = async (handle: () => unknown) => {
      const sender = createOfflineSender({ handle: createFetchHandler(create(handle)), secret, url });
      const [delivery] = await sender.send(["{}"], { copies: 1, maxAttempts: 3, retryMs: 0 });
      return [delivery?.outcome, delivery?.statuses];
    };
    expect(await outcome(() => gone())).toEqual(["gone", [410]]);
    expect(await outcome(() => Promise.reject(new Error("x")))).toEqual(["dead", [500, 500, 500]]);
    const [refused] = await createOfflineSender({ handle: refuse, secret, url }).send(["{}"], { copies: 1 });
    expect(refused).toMatchObject({ outcome: "refused", statuses: [422] });
  });
});
