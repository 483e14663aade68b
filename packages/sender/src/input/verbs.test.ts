import { createTemporaryFolder, startPostgres } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { SenderError } from "../errors.ts";
import { createSender, type Sender, type SenderOptions } from "../sender.ts";
import { TransactionError, type Store } from "../store.ts";
import { createPostgresStore } from "../store/postgres.ts";
import { createSqliteStore } from "../store/sqlite.ts";
import { createTestSender } from "../testing.ts";
import { createVault } from "../vault.ts";
import { contractsOf } from "../test-support/contracts.ts";

/** What no type would let pass somewhere, but plain JavaScript would. */
const WRONG: readonly unknown[] = [
  undefined,
  null,
  true,
  Number.NaN,
  Infinity,
  -1,
  0.5,
  1e21,
  "",
  "x".repeat(100_000),
  "\0",
  "\ud800",
  [],
  [null],
  {},
  { length: 1 },
  { __proto__: null, toString: null },
  () => {},
  Symbol("wrong"),
  10n,
  new Date(Number.NaN),
  new Proxy({}, {}),
];

/** A valid call of each verb; in each, every argument and every member of one is replaced by all that is wrong. */
function callsOf({ subscriber, endpoint, delivery, event }: Readonly<Record<string, string>>) {
  const page = { limit: 1 };
  const replay = {
    endpoint,
    eventTypes: ["invoice.paid"],
    states: ["dead"],
    fromMs: 0,
    toMs: 1,
    perSecond: 1,
  };
  return {
    publish: [
      {
        type: "invoice.paid",
        data: { object: { id: "inv_1" } },
        subject: "inv_1",
        subscriber,
        id: "evt_1",
        timestamp: new Date(0),
        version: "1.0.0",
        source: "test",
        idempotencyKey: "k",
      },
      { transaction: undefined },
    ],
    publishBatch: [[{ type: "invoice.paid", data: { object: { id: "inv_1" } } }], { idempotencyKey: "k2" }],
    testEndpoint: [endpoint, "invoice.paid"],
    "subscribers.create": [{ name: "x" }, { idempotencyKey: "k3" }],
    "subscribers.get": [subscriber],
    "subscribers.list": [page],
    "endpoints.create": [
      {
        subscriber,
        url: "https://example.com",
        description: "",
        eventTypes: ["invoice.paid"],
        headers: { a: "b" },
        schedule: [0, 1],
        ordering: "none",
        rateLimit: { perSecond: 1, burst: 1 },
        clientCertificate: { certificate: "", key: "" },
        versions: { "invoice.paid": "1" },
        featureFlags: ["one"],
        secret: `whsec_${Buffer.alloc(32, 1).toString("base64")}`,
      },
      { idempotencyKey: "k4" },
    ],
    "endpoints.get": [endpoint],
    "endpoints.list": [{ ...page, subscriber }],
    "endpoints.statistics": [endpoint],
    "endpoints.update": [endpoint, { url: "https://example.com", schedule: null, eventTypes: [] }, 1],
    "endpoints.setState": [endpoint, "paused"],
    "endpoints.rotateSecret": [endpoint, { secret: "whsec_x", overlapMs: 1 }],
    "events.get": [event],
    "events.list": [{ ...page, type: "invoice.paid", after: event }],
    "deliveries.get": [delivery],
    "deliveries.list": [{ ...page, event, endpoint, state: "dead", after: delivery }],
    "deliveries.attempts": [delivery],
    "deliveries.retry": [delivery],
    "deliveries.cancel": [delivery],
    "deadLetters.list": [{ ...page, event, endpoint, subscriber, eventType: "a.b", fromMs: 0, toMs: 1 }],
    "deadLetters.get": [delivery],
    "deadLetters.retry": [delivery],
    "replays.create": [replay, { idempotencyKey: "k5" }],
    "replays.count": [{ ...replay, subscriber }],
    "replays.recover": [endpoint, { sinceMs: 0, perSecond: 1 }, { idempotencyKey: "k6" }],
    "replays.get": ["rpl_1"],
    "replays.list": [{ ...page, subscriber, state: "paused" }],
    "replays.pause": ["rpl_1"],
    "replays.resume": ["rpl_1"],
    "replays.cancel": ["rpl_1"],
    "endpoints.remove": [endpoint],
    stopDelivering: [{ timeoutMs: 1 }],
  } as const satisfies Readonly<Record<string, readonly unknown[]>>;
}

/** The same with each part replaced by each wrong value, one at a time. */
function* wrongOnes(value: unknown): Generator<unknown> {
  yield* WRONG;
  if (Array.isArray(value))
    for (const index of value.keys())
      for (const wrong of wrongOnes(value[index])) yield value.with(index, wrong);
  else if (Object.prototype.toString.call(value) === "[object Object]")
    for (const [name, member] of Object.entries({ ...(value as object), misspelt: 1 }))
      for (const wrong of wrongOnes(member)) yield { ...(value as object), [name]: wrong };
}

/** Calls a verb by its path, and gives what is wrong about how it is refused. */
async function faultOf(sender: Sender, path: string, args: readonly unknown[]): Promise<string | undefined> {
  const [name = "", member] = path.split(".");
  const found = (sender as unknown as Record<string, Record<string, never>>)[name];
  const verb = (member === undefined ? found : found?.[member]) as unknown as (
    ...given: readonly unknown[]
  ) => Promise<unknown>;
  try {
    await verb(...args);
  } catch (error) {
    if (error instanceof TransactionError) return undefined;
    if (!(error instanceof SenderError)) return `${path}: ${String(error).slice(0, 300)}`;
    if (!/^[A-Z]/.test(error.message) || error.message.length > 400)
      return `${path}: ${error.message.slice(0, 300)}`;
  }
  return undefined;
}

async function proveClear(store: Store): Promise<void> {
  const contracts = contractsOf({
    "invoice.paid": { versions: { "1.0.0": {} }, examples: [{ object: { id: "inv_1" } }] },
  });
  const sender = createSender({ store, contracts });
  const { id: subscriber } = await sender.subscribers.create({ name: "one" });
  const { id: endpoint } = await sender.endpoints.create({ subscriber, url: "https://example.com" });
  const { id: event } = await sender.testEndpoint(endpoint);
  const [delivery] = await sender.deliveries.list({ limit: 1 });
  const calls = callsOf({ subscriber, endpoint, event, delivery: delivery!.id });
  const faults = new Set<string | undefined>();
  for (const [path, args] of Object.entries<readonly unknown[]>(calls))
    for (const [index, given] of args.entries())
      for (const wrong of wrongOnes(given)) faults.add(await faultOf(sender, path, args.with(index, wrong)));
  faults.delete(undefined);
  expect([...faults]).toEqual([]);
  await sender.stop();
}

describe("a sender", () => {
  it("says clearly what is wrong with whatever it is called with", async () => {
    const folder = createTemporaryFolder("hooks-input");
    onTestFinished(() => folder.remove());
    await proveClear(createSqliteStore({ path: join(folder.path, "sender.db") }));
  });

  it("refuses data that is no JSON, whatever its contract lets pass", async () => {
    const sender = createTestSender();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    let deep: unknown = 1;
    for (let level = 0; level < 200_000; level += 1) deep = [deep];
    for (const data of [undefined, 1n, circle, deep, () => {}, { toJSON: () => undefined }])
      await expect(sender.publish({ type: "invoice.paid", data })).rejects.toMatchObject({
        code: "validation_failed",
        issues: [{ pointer: "/data" }],
      });
    await sender.stop();
  });

  it("refuses a misspelt member that would have narrowed something down", async () => {
    const sender = createSender({
      store: createSqliteStore({ path: ":memory:" }),
      contracts: contractsOf({}),
    });
    const misspelt = { limit: 1, endpont: "ep_1" };
    await expect(sender.deliveries.list(misspelt)).rejects.toMatchObject({
      code: "unknown_field",
      issues: [{ pointer: "/endpont" }],
    });
    await sender.stop();
  });

  it.each([
    ["", undefined, /^Expected an object, got undefined$/],
    ["/contracts", { contracts: undefined }, /^Expected the `contracts` of .* got undefined$/],
    ["/contracts", { contracts: { contracts: {} } }, /got an object$/],
    ["/store", { store: null }, /got null$/],
    ["/worker/concurrency", { worker: { concurrency: 0 } }, /got 0$/],
    ["/worker/pollMs", { worker: { pollMs: 1e12 } }, /got 1000000000000$/],
    ["/report", { report: "log" }, /^Expected a function at \/report, got a text$/],
    ["/http/timeoutMs", { http: { timeoutMs: Number.NaN } }, /got NaN$/],
  ])("is not made of what is wrong at %j: %j", (pointer, change, message) => {
    const store = createSqliteStore({ path: ":memory:" });
    // As plain JavaScript may.
    const options = (change && { store, contracts: contractsOf({}), ...change }) as SenderOptions;
    expect(() => createSender(options)).toThrow(
      expect.objectContaining({
        code: "validation_failed",
        message: expect.stringMatching(message),
        issues: [expect.objectContaining({ pointer })],
      }),
    );
  });
});

it("a sender for tests is not made of what cannot be one", () => {
  for (const wrong of [{ contracts: null }, { now: 5 }, { now: new Date("x") }, { seed: 1n }, { http: null }])
    expect(() => createTestSender(wrong as never)).toThrow(
      expect.objectContaining({ code: "validation_failed" }),
    );
  const sender = createTestSender();
  expect(() => sender.respond("ep_1", undefined as never)).toThrow("Expected an answer, got undefined");
});

it("a store or vault is not made of what cannot be one", () => {
  const wrong = { code: expect.stringMatching(/^(validation_failed|unknown_field)$/) };
  for (const options of WRONG) {
    expect(() => createSqliteStore(options as never)).toThrow(expect.objectContaining(wrong));
    expect(() => createPostgresStore(options as never)).toThrow(expect.objectContaining(wrong));
  }
  expect(() => createSqliteStore({ path: 5 as never })).toThrow("Expected a text at /path, got 5");
  expect(() => createPostgresStore({ url: "postgres://x", timeoutMs: Number.NaN })).toThrow(
    /at \/timeoutMs, got NaN$/,
  );
  expect(() => createVault({ masterKeys: 5 as never })).toThrow(
    expect.objectContaining({ code: "invalid_master_key" }),
  );
});

describeWithServer("postgres", "a sender on PostgreSQL", () => {
  it("says clearly what is wrong with whatever it is called with", async () => {
    const server = await startPostgres({ settings: { fsync: "off" } });
    await proveClear(createPostgresStore({ url: server.url, timeoutMs: 60_000 }));
    await server.stop();
  });
});
