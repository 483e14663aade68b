import { generateSecret } from "@hooks/signing";
import { describe, expect, it } from "vitest";
import { createMemoryDedupe } from "./dedupe/memory.ts";
import { createConsumer } from "./consumer.ts";
import { createDirectReceiver } from "./direct.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createReceiver } from "./receiver.ts";

const sources = { billing: { provider: "standard-webhooks", secrets: [generateSecret()] } };
const source = (more: object) => ({ sources: { billing: { ...sources.billing, ...more } } });

/** What a receiver says of options that plain JavaScript may give it; `undefined` for nothing. */
type Said = (wrong: unknown) => string | undefined;

function sayingOf(create: (options: never) => unknown, store: object): Said {
  return (wrong) => {
    const right = { sources, handlers: { "*": () => {} }, report: () => {}, ...store };
    const options = typeof wrong === "object" && wrong !== null ? { ...right, ...wrong } : wrong;
    try {
      create(options as never);
      return undefined;
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return String(error);
    }
  };
}

const createWays = () =>
  [
    [
      "createReceiver",
      "inbox.accept",
      sayingOf(createReceiver, { inbox: createSqliteInbox({ path: ":memory:" }) }),
    ],
    [
      "createDirectReceiver",
      "dedupe.begin",
      sayingOf(createDirectReceiver, { dedupe: createMemoryDedupe() }),
    ],
  ] as const;

describe.each(createWays())("what %s says of a wrong option", (_, verb, said) => {
  const store = verb.split(".")[0] ?? "";

  it.each([
    ["nothing", undefined, "sources of type object"],
    ["null", null, "sources of type object"],
    ["no sources", { sources: undefined }, "sources of type object"],
    ["a source that is none", { sources: { billing: null } }, "sources.billing of type object"],
    ["no handlers", { handlers: undefined }, "handlers of type object"],
    ["one handler for all", { handlers: () => {} }, "handlers of type object"],
    [
      "a handler that is none",
      { handlers: { "invoice.paid": "paid" } },
      "handlers.invoice.paid of type function",
    ],
    ["a handler that is missing", { handlers: { "*": undefined } }, "handlers.* of type function"],
    ["a time as text", { leaseMs: "1m" }, "leaseMs of type number"],
    ["null for a default", { handlerTimeoutMs: null }, "handlerTimeoutMs of type number"],
    ["a time below 0", { handlerTimeoutMs: -1 }, "0 < handlerTimeoutMs < 2^31"],
    ["a time that no timer can wait", { leaseMs: Infinity }, "0 < leaseMs < 2^31"],
    ["a number that is none", { concurrency: Number.NaN }, "0 < concurrency < 2^31"],
  ])("%s", (_name, wrong, message) => {
    expect(said(wrong)).toBe(`TypeError: Expected ${message}`);
  });

  it("a store that is missing, a name of one, or what makes one", () => {
    for (const wrong of [undefined, "sqlite:a.db", createSqliteInbox])
      expect(said({ [store]: wrong })).toBe(`TypeError: Expected ${verb} of type function`);
  });

  it("a provider that is missing or none, and secrets that are no list", () => {
    expect(said(source({ provider: undefined }))).toBe(
      "TypeError: Source billing: Expected the name or the row of a provider, received undefined.",
    );
    expect(said(source({ provider: 5 }))).toContain("a provider, received number.");
    expect(said(source({ provider: "nobody" }))).toContain("Source billing: Unknown provider");
    expect(said(source({ secrets: "whsec_a" }))).toContain("Source billing: Expected secrets to be a list");
    expect(said(source({ secrets: [] }))).toContain("Source billing: Expected at least one secret");
  });

  it("nothing of what is right", () => {
    expect(said({ leaseMs: undefined, handlerTimeoutMs: 0.5, concurrency: 1 })).toBeUndefined();
  });
});

describe("what createConsumer says of a wrong option", () => {
  const right = { redis: "redis://127.0.0.1:6379", stream: "events", group: "billing", handlers: {} };

  it.each([
    ["nothing", undefined, "redis of type object"],
    ["no Redis", { ...right, redis: null }, "redis of type object"],
    ["no stream", { ...right, stream: undefined }, "stream of type string"],
    ["a group that is no text", { ...right, group: 5 }, "group of type string"],
    ["no handlers", { ...right, handlers: undefined }, "handlers of type object"],
    ["a handler that is none", { ...right, handlers: { "*": "all" } }, "handlers.* of type function"],
    ["a time that no timer can wait", { ...right, leaseMs: 2 ** 31 }, "0 < leaseMs < 2^31"],
    ["no patience at all", { ...right, commandTimeoutMs: 0 }, "0 < commandTimeoutMs < 2^31"],
  ])("%s", (_name, wrong, message) => {
    expect(() => createConsumer(wrong as never)).toThrow(new TypeError(`Expected ${message}`));
  });
});
