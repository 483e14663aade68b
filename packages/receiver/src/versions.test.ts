import * as contracts from "@hooks/contracts";
import { examples } from "@hooks/contracts/fixtures";
import * as migrations from "@hooks/contracts/migrations";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import type { MajorsOf, NewestEventOf } from "./contracts.ts";
import type { NewestHandlers } from "./handlers.ts";
import type { Inbox } from "./inbox.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "./receiver.ts";

const secret = generateSecret();
const sources = { billing: { provider: "standard-webhooks", secrets: [secret] } } as const;
const type = "invoice.paid";
const v1 = examples[type]["1"][0]!;
const v2 = examples[type]["2"][0]!;

let inbox: Inbox;
let options: ReceiverOptions;
const receivers: Receiver[] = [];
beforeEach(() => {
  inbox = createSqliteInbox({ path: ":memory:" });
  options = { sources, inbox, report: () => {} };
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.stop({ timeoutMs: 500 });
  await inbox.close();
});

function started(receiver: Receiver): Receiver {
  receivers.push(receiver);
  receiver.start();
  return receiver;
}

/** As in an event. */
type Send = [receiver: Receiver, version: string, data: unknown, eventType?: string];

async function send(...[receiver, version, data, eventType = type]: Send): Promise<string> {
  const id = `evt_${version.replaceAll(".", "_")}`;
  const event = { id, type: eventType, version, timestamp: "2026-11-20T12:00:00Z", source: "billing", data };
  const body = Buffer.from(JSON.stringify(event));
  const headers = { ...generateTestHeaders({ id, body, secret }) };
  const { kind } = await receiver.receive({ source: "billing", method: "POST", headers, body });
  await until(async () => (await inbox.depth("billing")).waiting === 0);
  return kind;
}

describe("createReceiver, of versions", () => {
  it("takes any minor of every known major, each as what it is", async () => {
    const seen: unknown[] = [];
    const receiver = started(
      createReceiver({
        ...options,
        contracts,
        handlers: {
          [type]: (event) => {
            expectTypeOf(event).toEqualTypeOf<contracts.Event<"invoice.paid">>();
            seen.push(contracts.isVersion("1", event) ? event.data.object.amount : event.data.object.total);
          },
        },
      }),
    );
    await send(receiver, "2.7.0", { object: { ...v2.data.object, added_later: true } });
    await send(receiver, "1.0.0", v1.data);
    expect(seen).toEqual([v2.data.object.total, v1.data.object.amount]);
  });

  it("converts older majors to the one that handlers are typed for, where migrations are installed", async () => {
    const seen: (readonly [string, unknown, string])[] = [];
    const receiver = started(
      createReceiver({
        ...options,
        contracts,
        migrations,
        handlers: {
          [type]: (event, received) => {
            expectTypeOf(event).toEqualTypeOf<NewestEventOf<contracts.Event, "invoice.paid">>();
            expectTypeOf(event.version).toEqualTypeOf<`2.${string}`>();
            const { version } = received.json() as { readonly version: string };
            seen.push([event.version, event.data.object.total, version]);
          },
          "user.created": (event) => expectTypeOf(event).toEqualTypeOf<contracts.Event<"user.created">>(),
        },
      }),
    );
    await send(receiver, "1.1.0", v1.data);
    await send(receiver, "2.3.0", v2.data);
    const { amount, currency } = v1.data.object;
    expect(seen).toEqual([
      ["2.0.0", { amount, currency }, "1.1.0"],
      ["2.3.0", v2.data.object.total, "2.3.0"],
    ]);
  });

  it("converts newer majors down for handlers that want an older one, and older ones not at all", async () => {
    const seen: unknown[] = [];
    const receiver = started(
      createReceiver({
        ...options,
        contracts,
        migrations,
        majors: { [type]: 1 },
        handlers: {
          [type]: (event) => {
            expectTypeOf(event.version).toEqualTypeOf<`1.${string}`>();
            seen.push([event.version, event.data.object.amount, event.data.object.currency]);
          },
          "user.created": (event) => expectTypeOf(event).toEqualTypeOf<contracts.Event<"user.created">>(),
        },
      }),
    );
    await send(receiver, "2.3.0", v2.data);
    await send(receiver, "1.1.0", v1.data);
    const { total } = v2.data.object;
    const { amount, currency } = v1.data.object;
    expect(seen).toEqual([
      ["1.0.0", total.amount, total.currency],
      ["1.1.0", amount, currency],
    ]);
    const wrong: MajorsOf<contracts.Event> = {
      // @ts-expect-error there is no third major
      [type]: 3,
    };
    expect(wrong).toBeDefined();
  });

  it("buries what a migration throws at or makes wrong, with the reason", async () => {
    const migrates = [
      () => {
        throw new Error("no way");
      },
      () => ({ ok: true, data: {} }) as const,
    ];
    for (const migrate of migrates) {
      const handlers = { [type]: () => expect.unreachable() };
      const receiver = started(
        createReceiver({ ...options, contracts, migrations: { ...migrations, migrate }, handlers }),
      );
      await send(receiver, `1.${migrates.indexOf(migrate)}.0`, v1.data);
      await receiver.stop();
    }
    const letters = await inbox.deadLetters({ source: "billing", limit: 9 });
    expect(letters.map(({ reason }) => reason)).toEqual([
      "migration_failed: Error: no way",
      expect.stringMatching(/^migration_failed: schema_violation: \/data\/object: expected /),
    ]);
  });

  it("acknowledges and parks a major that nobody knows, and handles it after an upgrade", async () => {
    const before = started(
      createReceiver({ ...options, contracts, handlers: { [type]: () => expect.unreachable() } }),
    );
    expect(await send(before, "3.0.0", { object: {} })).toBe("accepted");
    expect(await before.parked.list({ source: "billing", limit: 9 })).toMatchObject([
      {
        eventId: "evt_3_0_0",
        reason: "parked: there is no contract for version 3.0.0 of invoice.paid yet",
      },
    ]);
    expect(await before.parked.release("billing")).toBe(1);
    await until(async () => (await before.parked.list({ source: "billing", limit: 9 })).length === 1);
    await before.stop();

    const upgraded = {
      parseEvent: (input: unknown) => ({ ok: true, event: input as { readonly type: typeof type } }) as const,
    };
    const seen: unknown[] = [];
    const handlers = { [type]: (event: unknown) => void seen.push(event) };
    const after = started(createReceiver({ ...options, contracts: upgraded, handlers }));
    expect(await after.parked.release("billing")).toBe(1);
    await until(() => seen.length === 1);
    expect(seen).toMatchObject([{ id: "evt_3_0_0", version: "3.0.0" }]);
    expect(await after.parked.list({ source: "billing", limit: 9 })).toEqual([]);
  });

  it("releases parked events only, however many there are", async () => {
    const receiver = createReceiver({ ...options, contracts, handlers: { [type]: () => {} } });
    receivers.push(receiver);
    receiver.start();
    await send(receiver, "2.0.0", { object: {} });
    for (let minor = 0; minor < 150; minor += 1) await send(receiver, `9.${minor}.0`, {});
    await receiver.stop();
    expect(await receiver.parked.list({ source: "billing", limit: 120 })).toHaveLength(120);
    expect(await receiver.parked.release("billing")).toBe(150);
    expect(await inbox.depth("billing")).toEqual({ waiting: 150, dead: 1 });
  });

  it("accepts and counts a major that nobody knows, where that is asked for", async () => {
    const receiver = started(
      createReceiver({
        ...options,
        contracts,
        onUnknownVersion: "accept",
        handlers: { [type]: () => expect.unreachable() },
      }),
    );
    expect(await send(receiver, "3.0.0", {})).toBe("accepted");
    expect(Object.fromEntries(receiver.unhandled())).toEqual({ "invoice.paid@3.0.0": 1 });
    expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 0 });
  });

  it("types handlers of a resource and of everything by what they take", async () => {
    const seen: string[] = [];
    const receiver = started(
      createReceiver({
        ...options,
        contracts,
        migrations,
        handlers: {
          "invoice.*": (event) => {
            expectTypeOf(event.type).toEqualTypeOf<"invoice.paid" | "invoice.payment_failed">();
            expectTypeOf(event).toEqualTypeOf<
              | NewestEventOf<contracts.Event, "invoice.paid">
              | NewestEventOf<contracts.Event, "invoice.payment_failed">
            >();
            seen.push(`${event.type} ${event.version}`);
          },
          "*": (event) => {
            expectTypeOf(event.type).toEqualTypeOf<contracts.EventType>();
          },
        },
      }),
    );
    await send(receiver, "1.0.0", v1.data);
    expect(seen).toEqual(["invoice.paid 2.0.0"]);
    const misspelt: NewestHandlers<contracts.Event> = {
      // @ts-expect-error it is `invoice.*`
      "invoices.*": () => {},
    };
    expect(misspelt).toBeDefined();
  });

  it("counts types without a contract although a handler takes everything", async () => {
    const receiver = started(
      createReceiver({ ...options, contracts, handlers: { "*": () => expect.unreachable() } }),
    );
    await send(receiver, "1.0.0", v1.data, "invoice.framed");
    await until(() => receiver.unhandled().get("invoice.framed") === 1);
  });

  it("finds the newest of many majors by its number, also where versions are not told", () => {
    interface Of<V extends string> {
      readonly type: "a.b";
      readonly version: V;
    }
    type Many = Of<`9.${string}`> | Of<`10.${string}`> | Of<`2.${string}`>;
    expectTypeOf<NewestEventOf<Many, "a.b">>().toEqualTypeOf<Of<`10.${string}`>>();
    expectTypeOf<NewestEventOf<Of<string>, "a.b">>().toEqualTypeOf<Of<string>>();
    expectTypeOf<NewestEventOf<{ readonly type: "a.b" }, "a.b">>().toEqualTypeOf<{ readonly type: "a.b" }>();
  });
});
