import { describe, expect, expectTypeOf, it } from "vitest";
import { examples, invalidExamples } from "./fixtures.ts";
import { isEvent, isVersion, parseEvent } from "./index.ts";
import type { ContractIssue, Event, EventMap, EventType, InvoicePaidV1, InvoicePaidV2 } from "./index.ts";
import { contracts } from "./producer.ts";

const types = Object.keys(examples) as EventType[];
const allExamples = types.flatMap((type) =>
  Object.entries(examples[type]).flatMap(([major, list]) =>
    list.map(({ name, data }: { name: string; data: unknown }) => ({ type, major, name, data })),
  ),
);
const allInvalid = types.flatMap((type) => invalidExamples[type].map((example) => ({ type, ...example })));

function envelope(type: string, data: unknown, version = contracts.eventTypes[type]?.latest) {
  return { id: "evt_1", type, version, timestamp: "2026-03-01T00:00:00.123Z", source: "test", data };
}

function issuesOf(input: unknown): readonly ContractIssue[] {
  const parsed = parseEvent(input);
  return parsed.ok ? [] : parsed.issues;
}

describe("parseEvent", () => {
  it.each(allExamples)("reads $type $major $name", ({ type, major, data }) => {
    const event = envelope(type, data, `${major}.0.0`);
    expect(parseEvent(event)).toEqual({ ok: true, event });
  });

  it.each(allInvalid)(
    "reads $type $name only where openness forgives it",
    ({ type, data, expect: fault }) => {
      const issues = issuesOf(envelope(type, data));
      const isForgiven = issues.length === 0;
      expect(isForgiven ? ["additionalProperties", "enum"] : issues.map(({ keyword }) => keyword)).toContain(
        fault.keyword,
      );
      if (!isForgiven) expect(issues.map(({ pointer }) => pointer)).toEqual([`/data${fault.pointer}`]);
    },
  );

  it("accepts members it does not know, at every depth", () => {
    const { data } = examples["order.created"]["1"][0]!;
    const wider = {
      ...data,
      hint: 1,
      object: {
        ...data.object,
        gift: true,
        items: data.object.items.map((item) => ({ ...item, colour: "red" })),
      },
    };
    expect(parseEvent({ ...envelope("order.created", wider), trace: "x" }).ok).toBe(true);
  });

  it("accepts a value an open enum has not published, and refuses one of a closed enum", () => {
    const data = examples["order.shipped"]["1"][0]!.data;
    expect(parseEvent(envelope("order.shipped", { object: { ...data.object, carrier: "gls" } })).ok).toBe(
      true,
    );
    const cancelled = examples["order.cancelled"]["1"][0]!.data;
    const issues = issuesOf(
      envelope("order.cancelled", { object: { ...cancelled.object, cancelled_by: "bot" } }),
    );
    expect(issues).toMatchObject([{ code: "value_not_allowed", pointer: "/data/object/cancelled_by" }]);
  });

  it("accepts unknown members inside the variant of a union", () => {
    const data = examples["payment_method.attached"]["1"].find(({ name }) => name === "card")!.data;
    const wider = { object: { ...data.object, details: { ...data.object.details, wallet: "none" } } };
    expect(parseEvent(envelope("payment_method.attached", wider)).ok).toBe(true);
  });

  it("reads a newer minor as its major, and no unknown major", () => {
    const data = examples["invoice.paid"]["1"][0]!.data;
    expect(parseEvent(envelope("invoice.paid", data, "1.99.0")).ok).toBe(true);
    expect(parseEvent(envelope("invoice.paid", data, "3.0.0"))).toMatchObject({
      ok: false,
      code: "unknown_version",
    });
    expect(parseEvent(envelope("invoice.paid", data, "11.0.0"))).toMatchObject({ code: "unknown_version" });
  });

  it("validates by the major of the event, not by the newest", () => {
    const data = examples["invoice.paid"]["1"][0]!.data;
    expect(parseEvent(envelope("invoice.paid", data, "2.0.0"))).toMatchObject({ code: "schema_violation" });
  });

  it.each(["invoice.refunded", "__proto__", "constructor", "toString"])(
    "does not know the type %s",
    (type) => {
      expect(parseEvent(envelope(type, {}, "1.0.0"))).toMatchObject({
        ok: false,
        code: "unknown_event_type",
        issues: [{ pointer: "/type" }],
      });
    },
  );

  it.each([
    [null, ""],
    [undefined, ""],
    ["{}", ""],
    [[], ""],
    [{ ...envelope("file.deleted", {}), id: 7 }, "/id"],
    [{ ...envelope("file.deleted", {}), id: "" }, "/id"],
    [{ ...envelope("file.deleted", {}), type: {} }, "/type"],
    [{ ...envelope("file.deleted", {}), version: "1" }, "/version"],
    [{ ...envelope("file.deleted", {}), version: undefined }, "/version"],
    [{ ...envelope("file.deleted", {}), timestamp: "2026-02-30T00:00:00Z" }, "/timestamp"],
    [{ ...envelope("file.deleted", {}), timestamp: 1772323200 }, "/timestamp"],
    [{ ...envelope("file.deleted", {}), source: null }, "/source"],
    [{ ...envelope("file.deleted", {}), subject: 1 }, "/subject"],
    [{ ...envelope("file.deleted", {}), sequence: -1 }, "/sequence"],
    [{ ...envelope("file.deleted", {}), sequence: 0.5 }, "/sequence"],
    [{ ...envelope("file.deleted", {}), data: [] }, "/data"],
  ])("refuses the envelope %j at %s alone", (input, pointer) => {
    const parsed = parseEvent(input);
    expect(parsed).toMatchObject({ ok: false, code: "invalid_envelope" });
    expect(issuesOf(input).map((issue) => issue.pointer)).toEqual([pointer]);
  });

  it("names every missing member of an empty envelope", () => {
    expect(issuesOf({}).map(({ pointer }) => pointer)).toEqual([
      "/id",
      "/type",
      "/version",
      "/timestamp",
      "/source",
      "/data",
    ]);
  });
});

describe("isEvent", () => {
  it("narrows an event to its type", () => {
    const event = parsed("file.deleted", examples["file.deleted"]["1"][0]!.data);
    expect(isEvent("file.deleted", event)).toBe(true);
    expect(isEvent("file.scanned", event)).toBe(false);
    if (isEvent("file.deleted", event)) expectTypeOf(event.data.object.deleted_at).toEqualTypeOf<string>();
  });
});

describe("isVersion", () => {
  it("narrows an event to one of its majors", () => {
    const event = parsed("invoice.paid", examples["invoice.paid"]["2"][0]!.data);
    if (!isEvent("invoice.paid", event)) throw new Error("not an invoice");
    expect(isVersion("2", event)).toBe(true);
    expect(isVersion("1", event)).toBe(false);
    if (isVersion("2", event)) expectTypeOf(event.data).toEqualTypeOf<InvoicePaidV2>();
    else expectTypeOf(event.data).toEqualTypeOf<InvoicePaidV1>();
    // @ts-expect-error there is no third major
    isVersion("3", event);
  });
});

function parsed(type: string, data: unknown): Event {
  const result = parseEvent(envelope(type, data));
  if (!result.ok) throw new Error(result.code);
  return result.event;
}

function carrierOf(event: Event): string {
  switch (event.type) {
    case "order.shipped":
      return event.data.object.carrier;
    // @ts-expect-error no such event type
    case "order.shiped":
      return "";
    default:
      return event.type;
  }
}

function amountOf(event: Event<"invoice.paid">) {
  return event.version === "1.1.0" ? event.data.object.amount : event.version;
}

describe("Event", () => {
  it("is discriminated by type", () => {
    type Data<T extends EventType> = Extract<Event, { type: T }>["data"];
    expectTypeOf<Data<"user.deleted">>().toEqualTypeOf<EventMap["user.deleted"]>();
    expectTypeOf<Event<"user.deleted">["version"]>().toEqualTypeOf<`1.${string}`>();
    expect(carrierOf(parsed("order.shipped", examples["order.shipped"]["1"][0]!.data))).toBe("post");
  });

  it("is discriminated by version where a type has several majors", () => {
    expectTypeOf<
      Extract<Event<"invoice.paid">, { version: `1.${string}` }>["data"]
    >().toEqualTypeOf<InvoicePaidV1>();
    expectTypeOf<EventMap["invoice.paid"]>().toEqualTypeOf<InvoicePaidV2>();
    expectTypeOf(amountOf).returns.toEqualTypeOf<number | `1.${string}` | `2.${string}`>();
  });

  it("has optional members that are left out, never undefined", () => {
    // @ts-expect-error a subject is a string or absent
    const event: Pick<Event, "subject"> = { subject: undefined };
    expect(event).toBeDefined();
  });

  it("lets an open enum take any string and a closed one only its own", () => {
    expectTypeOf<"gls">().toExtend<EventMap["order.shipped"]["object"]["carrier"]>();
    expectTypeOf<"bot">().not.toExtend<EventMap["order.cancelled"]["object"]["cancelled_by"]>();
  });

  it("narrows a union inside data by its discriminator", () => {
    type Details = EventMap["payment_method.attached"]["object"]["details"];
    expectTypeOf<Extract<Details, { kind: "card" }>["last4"]>().toEqualTypeOf<string>();
    expectTypeOf<Details["kind"]>().toEqualTypeOf<"card" | "bank_account" | "wallet">();
  });
});
