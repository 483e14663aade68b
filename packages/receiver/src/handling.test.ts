import { describe, expect, it } from "vitest";
import type { OutgoingEntry } from "./destination.ts";
import { done, gone, retryLater } from "./handler-result.ts";
import type { ReceivedEvent } from "./handlers.ts";
import { createHandling, type CreateHandlingOptions, type Handling } from "./handling.ts";
import { payloadHandlers } from "./payload-handlers.ts";

const entry = (body: string, more: Partial<OutgoingEntry> = {}): OutgoingEntry => ({
  source: "shop",
  eventId: "evt_1",
  eventType: "order.paid",
  headers: {},
  body: Buffer.from(body, "latin1"),
  receivedAtMs: 0,
  attempt: 1,
  ...more,
});
const create = (options: Partial<CreateHandlingOptions>): Handling =>
  createHandling({ handlers: {}, handlerTimeoutMs: 5_000, ...options });
const handling = (handle: (event: ReceivedEvent) => unknown) =>
  create({ handlers: { "order.paid": handle } });
const outcome = async (handle: (event: ReceivedEvent) => unknown) =>
  handling(handle).handle(entry("{}")).inTime;

describe("createHandling", () => {
  it.each([
    [done, { kind: "done" }],
    [undefined, { kind: "done" }],
    [{ kind: "retry", reason: "of their own" }, { kind: "done" }],
    [Object.create(done), { kind: "done" }],
    [retryLater(90), { kind: "retry", waitMs: 90_000 }],
    [retryLater(0, "soon"), { kind: "retry", waitMs: 0, reason: "soon" }],
    [gone("no such shop"), { kind: "gone", reason: "no such shop" }],
    [gone, { kind: "retry", reason: expect.stringContaining("without calling it") }],
    [retryLater, { kind: "retry", reason: expect.stringContaining("without calling it") }],
  ])("understands what a handler gives back: %o", async (value, handled) => {
    expect(await outcome(() => value)).toMatchObject(handled);
    expect(await outcome(async () => value)).toMatchObject(handled);
  });

  const unprintable = new Proxy({}, { get: () => expect.unreachable(), getPrototypeOf: () => null });
  it.each([
    ["an Error", new RangeError("too far"), "RangeError: too far"],
    ["a text", "no database", "no database"],
    ["nothing", undefined, "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["an object without prototype", Object.create(null), "something that cannot be described"],
    ["a trap", unprintable, "something that cannot be described"],
    ["too long a text", "x".repeat(9_999), "x".repeat(500)],
  ])("tries again what threw %s", async (_, thrown, reason) => {
    const handle = () => {
      throw thrown;
    };
    expect(await outcome(handle)).toMatchObject({ kind: "retry", reason });
    expect(await outcome(() => Promise.reject(thrown as Error))).toMatchObject({ kind: "retry", reason });
  });

  it.each([Number.NaN, -1, Infinity, 2_592_001])("lets nobody wait %o seconds", async (seconds) => {
    const handled = await outcome(() => retryLater(seconds));
    expect(handled).toMatchObject({ reason: expect.stringMatching(/^RangeError: Expected 0 to/) });
  });

  it("gives up on a handler whose time is over, tells it, and still hears what it comes to", async () => {
    const release = Promise.withResolvers<void>();
    let reason: unknown;
    const slow = create({
      handlerTimeoutMs: 1,
      handlers: {
        "order.paid": ({ signal }: ReceivedEvent) => {
          signal.addEventListener("abort", () => (reason = signal.reason));
          return release.promise;
        },
      },
    });
    const run = slow.handle(entry("{}"));
    expect(await run.inTime).toMatchObject({ kind: "timeout", reason: expect.stringContaining("1 ms") });
    expect(reason).toMatchObject({ name: "TimeoutError" });
    release.resolve();
    expect(await run.inTheEnd).toMatchObject({ kind: "done" });
  });

  it("tells handlers under way that nobody waits any more", async () => {
    const aborted: string[] = [];
    const waiting = handling(
      ({ signal, id }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => {
            aborted.push(id);
            resolve();
          });
        }),
    );
    const runs = ["a", "b"].map((eventId) => waiting.handle(entry("{}", { eventId })));
    waiting.abort();
    await Promise.all(runs.map(({ inTheEnd }) => inTheEnd));
    waiting.abort();
    expect(aborted).toEqual(["a", "b"]);
  });

  it("keeps quiet about what a handler does after its time", async () => {
    const late = Promise.withResolvers<never>();
    const run = create({ handlerTimeoutMs: 1, handlers: { "*": () => late.promise } }).handle(entry("{}"));
    await run.inTime;
    late.reject(new Error("late"));
    expect(await run.inTheEnd).toMatchObject({ kind: "retry", reason: "Error: late" });
  });

  it("passes over handlers that are none, and names that are of every object", async () => {
    for (const [handlers, eventType] of [
      [{ "order.paid": "no function" }, "order.paid"],
      [{}, "__proto__"],
      [{}, "hasOwnProperty"],
      [Object.create({ "order.paid": () => expect.unreachable() }), "order.paid"],
    ] as const) {
      const run = create({ handlers }).handle(entry("{}", { eventType }));
      expect(await run.inTime).toEqual({ kind: "unhandled" });
    }
  });

  it("tells the provider where it is known", async () => {
    const seen: unknown[] = [];
    const own = create({
      handlers: { "*": ({ provider }: ReceivedEvent) => void seen.push(provider) },
      sources: { shop: { provider: "shopify" } },
    });
    for (const source of ["shop", "toString"]) await own.handle(entry("", { source })).inTime;
    expect(seen).toEqual(["shopify", undefined]);
  });
});

describe("payloadHandlers", () => {
  interface Payloads {
    readonly push: { readonly ref: string };
    readonly "order.paid": { readonly total: number };
    readonly "order.refund.asked": { readonly reason: string };
  }
  const seen: unknown[] = [];
  const shop = payloadHandlers<Payloads>({
    push: ({ ref }) => seen.push(ref.length),
    "order.paid": ({ total }, { source }) => seen.push([source, total.toFixed(2)]),
    "order.refund.*": (payload) => seen.push(payload.reason),
    // @ts-expect-error `oder.paid` is misspelt
    "oder.paid": () => {},
  });
  const own = create({ handlers: { "*": () => "other" }, sourceHandlers: { shop } });

  it("types a provider's payloads, and handles them instead of the other handlers", async () => {
    await own.handle(entry('{"total":3}')).inTime;
    await own.handle(entry('{"reason":"broken"}', { eventType: "order.refund.asked" })).inTime;
    expect(seen).toEqual([["shop", "3.00"], "broken"]);
    expect(await own.handle(entry("{}", { eventType: "x" })).inTime).toEqual({ kind: "unhandled" });
    expect(await own.handle(entry("{}", { source: "toString" })).inTime).toMatchObject({ kind: "done" });
  });

  it.each(["", "{", "\xff", "[".repeat(100_000)])("refuses for ever what is no JSON: %#", async (body) => {
    expect(await own.handle(entry(body)).inTime).toMatchObject({ kind: "invalid" });
  });

  it("reads forms", async () => {
    let fields: unknown;
    const forms = create({ sourceHandlers: { shop: payloadHandlers({ "*": (given) => (fields = given) }) } });
    const headers = { "content-type": "Application/X-WWW-Form-URLEncoded; charset=utf-8" };
    const run = forms.handle(entry("a=1&b=%20x&a=2&__proto__=y", { headers }));
    expect(await run.inTime).toMatchObject({ kind: "done" });
    expect(fields).toEqual(JSON.parse('{"a":"2","b":" x","__proto__":"y"}'));
  });
});
