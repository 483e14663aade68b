import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import type { ParsedEvent } from "./contracts.ts";
import type { ReceivedEvent } from "./handlers.ts";
import { gone, retryLater } from "./handler-result.ts";
import { payloadHandlers } from "./payload-handlers.ts";
import type { Inbox } from "./inbox.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createReceiver, type Receiver, type ReceiverReport } from "./receiver.ts";

interface Paid {
  readonly type: "invoice.paid";
  readonly data: { readonly amount: number };
}
interface Opened {
  readonly type: "account.opened";
  readonly data: { readonly name: string };
}

/** Stands for `import * as contracts from "@hooks/contracts"`. */
const contracts = {
  parseEvent: (input: unknown): ParsedEvent<Paid | Opened> => {
    const event = input as Paid;
    if (typeof event.data.amount === "number") return { ok: true, event };
    const issue = { pointer: "/data/amount", message: "must be a number" };
    return { ok: false, code: "schema_violation", issues: [issue] };
  },
};

const secret = generateSecret();
const sources = { billing: { provider: "standard-webhooks", secrets: [secret] } } as const;

describe("createReceiver", () => {
  let inbox: Inbox;
  /** By which the inbox's clock is ahead. */
  let passedMs: number;
  let receiver: Receiver | undefined;
  let reports: ReceiverReport[];
  const report = (event: ReceiverReport) => void reports.push(event);
  beforeEach(() => {
    passedMs = 0;
    inbox = createSqliteInbox({ path: ":memory:", clock: () => Date.now() + passedMs });
    reports = [];
  });
  const claim = () => {
    const request = { source: "billing", destination: "handlers", routes: ["handlers"], limit: 1 };
    return inbox.claim({ ...request, leaseMs: 1 });
  };
  afterEach(async () => {
    await receiver?.stop({ timeoutMs: 500 });
    await inbox.close();
  });

  it("handles an event in the background, typed by its contract", async () => {
    const amounts: number[] = [];
    receiver = createReceiver({
      sources,
      inbox,
      contracts,
      report,
      handlers: {
        "invoice.paid": (event, received) => {
          expectTypeOf(event).toEqualTypeOf<Paid>();
          expectTypeOf(received).toEqualTypeOf<ReceivedEvent>();
          amounts.push(event.data.amount);
        },
      },
    });
    await send(receiver, '{"type":"invoice.paid","data":{"amount":5}}');
    expect(amounts).toEqual([]);
    receiver.start();
    await until(() => amounts.length === 1);
  });

  it("does not compile with a type that has no contract", () => {
    const options = { sources, inbox, contracts };
    createReceiver({
      ...options,
      handlers: {
        // @ts-expect-error `invoice.payed` is misspelt
        "invoice.payed": () => {},
      },
    });
    createReceiver({ sources, inbox, handlers: { "anything.goes": (event) => event.json() } });
  });

  it("handles an event again whose handler threw", async () => {
    const seen: ReceivedEvent[] = [];
    receiver = createReceiver({
      sources,
      inbox,
      report,
      schedule: [0, 5, 5],
      handlers: {
        "invoice.paid": (event) => {
          seen.push(event);
          if (event.attempt === 1) throw new Error("database away");
        },
      },
    });
    receiver.start();
    await send(receiver, '{"type":"invoice.paid"}');
    await until(() => seen.length === 2);
    expect(seen[0]?.id).toBe(seen[1]?.id);
    await until(async () => (await inbox.depth("billing")).waiting === 0);
  });

  it("waits as long as a handler asks, and buries what it never wants", async () => {
    const handlers = {
      "invoice.paid": () => retryLater(3_600, "closed"),
      "invoice.*": () => gone("not ours"),
    };
    receiver = createReceiver({ sources, inbox, report, schedule: [0, 5], handlers });
    receiver.start();
    await send(receiver, '{"type":"invoice.paid"}');
    await send(receiver, '{"type":"invoice.lost"}');
    await until(() => reports.filter(({ kind }) => kind === "attempt").length === 2);
    const [letter] = await inbox.deadLetters({ source: "billing", limit: 9 });
    expect(letter).toMatchObject({ eventType: "invoice.lost", reason: "gone: not ours" });
    expect(await inbox.depth("billing")).toEqual({ waiting: 1, dead: 1 });
    passedMs += 3_590_000;
    expect(await claim()).toEqual([]);
    passedMs += 10_000;
    expect(await claim()).toHaveLength(1);
  });

  it("aborts the signal of a handler that it does not wait for any longer", async () => {
    const stopped = Promise.withResolvers<unknown>();
    const handle = ({ signal }: ReceivedEvent) =>
      new Promise(() => signal.addEventListener("abort", () => stopped.resolve(signal.reason)));
    receiver = createReceiver({ sources, inbox, report, handlers: { "*": handle } });
    receiver.start();
    await send(receiver, "{}");
    await until(async () => (await claim()).length === 0);
    await receiver.stop({ timeoutMs: 50 });
    expect(await stopped.promise).toMatchObject({ message: "The process is about to end" });
  });

  it("shows what is dead, and handles it again from the first attempt", async () => {
    const attempts: number[] = [];
    const handle = ({ attempt }: ReceivedEvent) => {
      if (attempts.push(attempt) < 3) throw new Error("broken");
    };
    receiver = createReceiver({ sources, inbox, report, schedule: [0, 5], handlers: { "*": handle } });
    receiver.start();
    await send(receiver, "{}");
    await until(async () => (await inbox.depth("billing")).dead === 1);
    const [letter] = await receiver.deadLetters.list({ source: "billing", limit: 1 });
    expect(letter).toMatchObject({ attempts: 2, reason: expect.stringContaining("Error: broken") });
    expect(await receiver.deadLetters.retry({ source: "billing", keys: [letter!.key, "none"] })).toBe(1);
    await until(async () => (await inbox.depth("billing")).waiting === 0);
    expect([attempts, await receiver.deadLetters.list({ source: "billing", limit: 1 })]).toEqual([
      [1, 2, 1],
      [],
    ]);
  });

  it("removes what is dead on demand", async () => {
    receiver = createReceiver({ sources, inbox, report, handlers: { "*": () => gone() } });
    receiver.start();
    for (const body of ["1", "2"]) await send(receiver, body);
    await until(async () => (await inbox.depth("billing")).dead === 2);
    const [letter] = await receiver.deadLetters.list({ source: "billing", limit: 1 });
    const request = { source: "billing", keys: [letter!.key] };
    expect(await receiver.deadLetters.discard(request)).toBe(1);
    expect(await receiver.deadLetters.retry(request)).toBe(0);
    expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 1 });
  });

  it("names a source that handlers are for and that there is not", () => {
    const options = { sources, inbox, handlers: {}, sourceHandlers: { biling: payloadHandlers({}) } };
    expect(() => createReceiver(options)).toThrow("Handlers for biling, which is no source");
  });

  it("buries an event that breaks its contract, with the place", async () => {
    receiver = createReceiver({ sources, inbox, contracts, report, handlers: { "invoice.paid": () => {} } });
    receiver.start();
    await send(receiver, '{"type":"invoice.paid","data":{}}');
    await until(async () => (await inbox.depth("billing")).dead === 1);
    const [letter] = await inbox.deadLetters({ source: "billing", limit: 1 });
    expect(letter?.reason).toBe("schema_violation: /data/amount must be a number");
  });

  it("handles an event again whose handler does not end, and others meanwhile", async () => {
    const seen: string[] = [];
    const handle = ({ body, attempt }: ReceivedEvent) => {
      seen.push(`${Buffer.from(body).includes("hang") ? "hang" : "other"} ${attempt}`);
      return seen.at(-1) === "hang 1" ? new Promise(() => {}) : undefined;
    };
    receiver = createReceiver({
      sources,
      inbox,
      report,
      schedule: [0, 5],
      concurrency: 1,
      handlerTimeoutMs: 20,
      handlers: { "invoice.paid": handle },
    });
    await send(receiver, '{"type":"invoice.paid","n":"hang"}');
    await send(receiver, '{"type":"invoice.paid"}');
    receiver.start();
    await until(async () => (await inbox.depth("billing")).waiting === 0);
    expect(seen.toSorted()).toEqual(["hang 1", "hang 2", "other 1"]);
  });

  it("handles once what a throwing report is told of", async () => {
    let reported = 0;
    const failing = (event: ReceiverReport) => {
      if (event.kind === "unhandled") reported += 1;
      throw new Error("no log");
    };
    receiver = createReceiver({ sources, inbox, report: failing, schedule: [0, 5], handlers: {} });
    receiver.start();
    expect(await send(receiver, '{"type":"other.event"}')).toBe("accepted");
    await until(async () => (await inbox.depth("billing")).waiting === 0);
    expect(reported).toBe(1);
  });

  it("stops within its time although a request does not end", async () => {
    receiver = createReceiver({ sources, inbox, report, handlers: {} });
    receiver.start();
    const headers = { ...generateTestHeaders({ body: "{}", secret }) };
    const uploading = Promise.withResolvers<never>();
    const body = () => uploading.promise;
    void receiver.receive({ source: "billing", method: "POST", headers, body });
    const started = performance.now();
    await receiver.stop({ timeoutMs: 20 });
    // It would wait for 20 s by itself.
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it("accepts and counts what nobody handles, also types that are no types", async () => {
    receiver = createReceiver({ sources, inbox, report, handlers: { "invoice.paid": () => {} } });
    receiver.start();
    for (const body of ['{"type":"toString"}', '{"type":"other.event"}', "\xff", '{"type":1}']) {
      expect(await send(receiver, body)).toBe("accepted");
    }
    await until(async () => (await inbox.depth("billing")).waiting === 0);
    expect(Object.fromEntries(receiver.unhandled())).toEqual({ toString: 1, "other.event": 1, "": 2 });
  });
});

async function send(receiver: Receiver, body: string): Promise<string> {
  const bytes = Buffer.from(body, "latin1");
  const headers = { ...generateTestHeaders({ body: bytes, secret }) };
  return (await receiver.receive({ source: "billing", method: "POST", headers, body: bytes })).kind;
}
