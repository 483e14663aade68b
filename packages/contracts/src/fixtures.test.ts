import { describe, expect, expectTypeOf, it } from "vitest";
import { exampleEvent, examples, maximal, minimal, mutants, random } from "./fixtures.ts";
import { parseEvent, type Event, type EventMap, type EventType, type EventVersions } from "./index.ts";
import { contracts } from "./producer.ts";

describe("exampleEvent", () => {
  it.each(Object.keys(examples) as EventType[])("makes an event of %s that parses", (type) => {
    const event: Event = exampleEvent(type);
    expect(parseEvent(event)).toEqual({ ok: true, event });
    expect(event.id).toMatch(/^evt_[\w-]{1,60}$/);
  });

  it("gives the example that was named, the same each time", () => {
    const event = exampleEvent("file.scanned", "clean");
    expect(event.data.object.verdict).toBe("clean");
    expect(exampleEvent("file.scanned", "clean")).toEqual(event);
    expectTypeOf(event).toEqualTypeOf<Event<"file.scanned">>();
  });

  it("says what there is instead of an example or an event type that there is not", () => {
    expect(() => exampleEvent("file.scanned", "spotless")).toThrow(
      expect.objectContaining({
        code: "unknown_example",
        message: expect.stringMatching(
          /^Expected an example of file\.scanned \(.*clean.*\), got "spotless"$/,
        ) as unknown,
      }),
    );
    for (const type of ["no.such.type", "constructor", "__proto__"]) {
      // @ts-expect-error -- there is no such type
      expect(() => exampleEvent(type)).toThrow(
        expect.objectContaining({
          code: "unknown_event_type",
          message: `Expected an event type of this package, got "${type}"`,
        }),
      );
    }
  });
});

const majors = Object.values(contracts.eventTypes).flatMap(({ type, versions }) =>
  [...new Set(versions.map((version) => version.split(".", 1)[0] ?? ""))].map((major) => ({
    // The catalogue has all event types, and only those.
    type: type as EventType,
    major: major as "1",
    version: versions.findLast((version) => version.startsWith(`${major}.`)) ?? "",
  })),
);

describe.each(majors)("the payloads of $type $major", ({ type, major, version }) => {
  const envelope = { id: "evt_1", type, version, timestamp: "2026-01-01T00:00:00Z", source: "test" };
  const issuesOf = (data: unknown) => {
    const result = contracts.validateEvent({ type, version, data });
    return result.ok ? [] : result.issues;
  };

  it("are valid for producers and consumers", () => {
    const seeded = Array.from({ length: 100 }, (_, seed) => random(type, seed, major));
    for (const data of [minimal(type, major), maximal(type, major), ...seeded]) {
      expect(issuesOf(data)).toEqual([]);
      expect(parseEvent({ ...envelope, data }).ok).toBe(true);
    }
    expect(new Set(seeded.map((data) => JSON.stringify(data))).size).toBeGreaterThan(10);
  });

  it("have at least what is required, and at most what there is", () => {
    const [small, large] = [minimal(type, major), maximal(type, major)].map((data) =>
      Object.keys(data.object),
    );
    expect(large).toEqual(expect.arrayContaining(small ?? []));
    for (const name of small ?? []) {
      const { [name]: _left, ...object } = minimal(type, major).object as Readonly<Record<string, unknown>>;
      expect(issuesOf({ object }).map(({ pointer }) => pointer)).toContain(`/data/object/${name}`);
    }
  });

  it("are each wrong in the one way a mutant says", () => {
    const all = mutants(type, major);
    expect(all.length).toBeGreaterThan(10);
    for (const { name, data, expect: expected, open } of all) {
      const issues = issuesOf(data).map(({ pointer, keyword, code }) => ({ pointer, keyword, code }));
      expect([name, issues]).toEqual([name, [{ ...expected, pointer: `/data${expected.pointer}` }]]);
      expect([name, parseEvent({ ...envelope, data }).ok]).toEqual([name, open === "accepts"]);
    }
  });
});

describe("random", () => {
  it("gives the same for the same seed, and is typed by event type and major", () => {
    expect(random("invoice.paid", 7)).toEqual(random("invoice.paid", 7));
    expectTypeOf(random("invoice.paid", 7)).toEqualTypeOf<EventMap["invoice.paid"]>();
    expectTypeOf(minimal("invoice.paid", "1")).toEqualTypeOf<EventVersions["invoice.paid"]["1"]>();
    expectTypeOf(maximal("invoice.paid")).toEqualTypeOf<EventMap["invoice.paid"]>();
  });

  it("throws where there is no contract", () => {
    // @ts-expect-error There is no such major.
    expect(() => random("invoice.paid", 7, "9")).toThrow(
      expect.objectContaining({ code: "unknown_version" }),
    );
    // @ts-expect-error There is no such event type.
    expect(() => mutants("invoice.unpaid")).toThrow(expect.objectContaining({ code: "unknown_event_type" }));
  });
});
