import * as contracts from "@hooks/contracts";
import { examples } from "@hooks/contracts/fixtures";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import type { ReceiverResponse } from "./core/receipt.ts";
import { respond } from "./core/respond.ts";
import type { Dedupe } from "./dedupe.ts";
import { createMemoryDedupe } from "./dedupe/memory.ts";
import { createDirectReceiver, type DirectReceiver, type DirectReceiverReport } from "./direct.ts";
import { createFetchHandler } from "./fetch.ts";
import { signedRequest } from "./testing.ts";
import { gone, retryLater } from "./handler-result.ts";
import type { ReceivedEvent } from "./handlers.ts";

const secret = generateSecret();
const sources = { billing: { provider: "standard-webhooks", secrets: [secret] } } as const;

let dedupe: Dedupe;
let reports: DirectReceiverReport[];
const receivers: DirectReceiver[] = [];
beforeEach(() => {
  dedupe = createMemoryDedupe();
  reports = [];
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.stop({ timeoutMs: 200 });
});

const report = (event: DirectReceiverReport) => void reports.push(event);
const away = () => Promise.reject(new Error("away"));
const create = (handle: (event: ReceivedEvent) => unknown, more: { handlerTimeoutMs?: number } = {}) => {
  const receiver = createDirectReceiver({
    sources,
    dedupe,
    handlers: { "invoice.paid": handle },
    report,
    ...more,
  });
  receivers.push(receiver);
  return receiver;
};
const signed = (id: string, body: string) => ({ ...generateTestHeaders({ id, body, secret }) });
const send = async (
  receiver: Pick<DirectReceiver, "receive">,
  id = "evt_1",
  body = '{"type":"invoice.paid"}',
): Promise<ReceiverResponse> =>
  respond(
    await receiver.receive({
      source: "billing",
      method: "POST",
      headers: signed(id, body),
      body: Buffer.from(body),
    }),
  );
const codeOf = ({ status, body }: ReceiverResponse) =>
  [status, (JSON.parse(body) as { readonly code?: string }).code] as const;

describe("createDirectReceiver", () => {
  it("answers when the event is handled, and knows it from then on", async () => {
    const seen: number[] = [];
    const receiver = create(({ attempt }) => seen.push(attempt));
    expect((await send(receiver)).status).toBe(202);
    expect(seen).toEqual([1]);
    expect(await send(receiver)).toMatchObject({ status: 200, body: '{"id":"evt_1","duplicate":true}' });
    expect(seen).toEqual([1]);
  });

  it("has an event sent again whose handler threw, and counts", async () => {
    const seen: number[] = [];
    const receiver = create(({ attempt }) => {
      if (seen.push(attempt) < 3) throw new Error("database away");
    });
    for (const _ of "12") expect(codeOf(await send(receiver))).toEqual([500, "handler_failed"]);
    expect((await send(receiver)).status).toBe(202);
    expect(seen).toEqual([1, 2, 3]);
    expect(reports[0]).toMatchObject({ kind: "request", hint: "Error: database away", error: undefined });
    expect((await send(receiver)).status).toBe(200);
  });

  it("tells when to come again, and that nothing is wanted", async () => {
    const later = await send(create(() => retryLater(90)));
    expect([...codeOf(later), later.headers["retry-after"]]).toEqual([503, "retry_later", "90"]);
    expect(codeOf(await send(create(() => gone())))).toEqual([410, "gone"]);
  });

  it("refuses an event that is being handled, here or elsewhere, until it is", async () => {
    const release = Promise.withResolvers<void>();
    const [one, other] = [create(() => release.promise), create(() => expect.unreachable())];
    const first = send(one);
    await until(async () => (await send(other)).status === 503);
    const busy = await send(other);
    expect([...codeOf(busy), busy.headers["retry-after"]]).toEqual([503, "event_in_progress", "5"]);
    release.resolve();
    expect((await first).status).toBe(202);
    expect((await send(other)).status).toBe(200);
  });

  it("handles an event again that another process began with and died", async () => {
    await dedupe.begin({ source: "billing", eventId: "evt_1", leaseMs: 0 });
    const seen: number[] = [];
    expect((await send(create(({ attempt }) => seen.push(attempt)))).status).toBe(202);
    expect(seen).toEqual([2]);
  });

  it("answers within the handler's time, and remembers what it comes to", async () => {
    const release = Promise.withResolvers<void>();
    const receiver = create(() => release.promise, { handlerTimeoutMs: 5 });
    const work: Promise<unknown>[] = [];
    const context = { waitUntil: (given: Promise<unknown>) => void work.push(given) };
    const body = '{"type":"invoice.paid"}';
    const request = new Request("http://host/billing", {
      method: "POST",
      body,
      headers: signed("evt_1", body),
    });
    const response = await createFetchHandler(receiver)(request, {}, context);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "60"]);
    expect(work).toHaveLength(1);
    expect(codeOf(await send(receiver))).toEqual([503, "event_in_progress"]);
    release.resolve();
    await work[0];
    expect((await send(receiver)).status).toBe(200);
    expect(receiver.background()).toBeUndefined();
  });

  it("gives what goes on after the answer to `waitUntil`, where there is one", async () => {
    const receiver = create(() => new Promise(() => {}), { handlerTimeoutMs: 5 });
    const work: Promise<unknown>[] = [];
    const handle = createFetchHandler(receiver, { waitUntil: (given) => void work.push(given) });
    const body = '{"type":"invoice.paid"}';
    await handle(
      new Request("http://host/billing", { method: "POST", body, headers: signed("evt_1", body) }),
    );
    expect(work).toHaveLength(1);
  });

  it("handles a batch a few at a time, and what is left of it when it comes again", async () => {
    const seen: string[] = [];
    let [running, most, isBroken] = [0, 0, true];
    const receiver = createDirectReceiver({
      sources: { billing: { provider: "gocardless", secrets: ["a secret"] } },
      dedupe,
      handlers: {
        "*": async ({ id, json }) => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          if (isBroken && id === "EV7") throw new Error("broken");
          expect(json()).toEqual({ id });
          seen.push(id);
        },
      },
      report,
    });
    const ids = Array.from({ length: 500 }, (_, index) => `EV${index}`);
    const events = [...ids, "EV3"].map((id) => ({ id }));
    const request = () =>
      signedRequest({ events }, { provider: "gocardless", secret: "a secret", url: "https://h/billing" });
    const handle = createFetchHandler(receiver);
    expect((await handle(request())).status).toBe(500);
    isBroken = false;
    expect((await handle(request())).ok).toBe(true);
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect([most > 1, most <= 16]).toEqual([true, true]);
  });

  it("comes to the end of a batch that takes too long, request after request", async () => {
    const seen = new Set<string>();
    const receiver = createDirectReceiver({
      sources: { billing: { provider: "gocardless", secrets: ["a secret"] } },
      dedupe,
      handlerTimeoutMs: 100,
      handlers: {
        "*": async ({ id }) => {
          const until = performance.now() + 5;
          while (performance.now() < until);
          seen.add(id);
        },
      },
      report,
    });
    const handle = createFetchHandler(receiver);
    const events = Array.from({ length: 60 }, (_, index) => ({ id: `EV${index}` }));
    const sign = { provider: "gocardless", secret: "a secret", url: "https://h/billing" } as const;
    const statuses: number[] = [];
    while (statuses.at(-1) !== 202 && statuses.at(-1) !== 200 && statuses.at(-1) !== 204)
      statuses.push((await handle(signedRequest({ events }, sign))).status);
    expect([statuses[0], seen.size]).toEqual([503, 60]);
  });

  it("stops: refuses, waits for handlers, and aborts those that do not end", async () => {
    const [began, aborted] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const receiver = create(({ signal }) => {
      signal.addEventListener("abort", () => aborted.resolve());
      began.resolve();
      return new Promise(() => {});
    });
    void send(receiver);
    await began.promise;
    const stopped = receiver.stop({ timeoutMs: 20 });
    expect(codeOf(await send(receiver, "evt_2"))).toEqual([503, "shutting_down"]);
    await stopped;
    await aborted.promise;
  });

  it("answers 503 when what was handled cannot be told, and 202 when it cannot be written down", async () => {
    dedupe = { ...createMemoryDedupe(), begin: away };
    expect(codeOf(await send(create(() => expect.unreachable())))).toEqual([503, "queue_unavailable"]);
    dedupe = { ...createMemoryDedupe(), finish: away };
    expect((await send(create(() => {}))).status).toBe(202);
    expect(reports.at(-2)).toMatchObject({ kind: "dedupe_unavailable", eventId: "evt_1" });
  });

  it("types handlers by contracts, and refuses what does not fit or is not known yet", async () => {
    const seen: unknown[] = [];
    const options = { sources, dedupe, contracts, report: () => {} };
    const receiver = createDirectReceiver({
      ...options,
      handlers: {
        "invoice.paid": (event) => {
          expectTypeOf(event).toEqualTypeOf<contracts.Event<"invoice.paid">>();
          seen.push(event.version);
        },
      },
    });
    const accepting = createDirectReceiver({
      ...options,
      onUnknownVersion: "accept",
      handlers: { "invoice.paid": () => expect.unreachable() },
    });
    const event = { type: "invoice.paid", version: "2.0.0", timestamp: "2026-11-20T12:00:00Z", source: "s" };
    const { data } = examples["invoice.paid"]["2"][0]!;
    const json = (more: object) => JSON.stringify({ id: "evt_1", ...event, ...more });
    const rejected = await send(receiver, "evt_1", json({ data: {} }));
    expect([...codeOf(rejected), rejected.headers["webhook-retry"]]).toEqual([422, "event_rejected", "no"]);
    const unknown = json({ version: "9.0.0", data });
    expect(codeOf(await send(receiver, "evt_1", unknown))).toEqual([503, "unknown_version"]);
    expect((await send(receiver, "evt_1", json({ data }))).status).toBe(202);
    expect(seen).toEqual(["2.0.0"]);
    expect((await send(accepting, "evt_2", unknown)).status).toBe(202);
    expect((await send(receiver, "evt_3", '{"type":"else.where"}')).status).toBe(202);
    expect([...accepting.unhandled().keys(), ...receiver.unhandled().keys()]).toEqual([
      "invoice.paid@9.0.0",
      "else.where",
    ]);
  });
});
