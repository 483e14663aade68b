import { describe, expect, expectTypeOf, it } from "vitest";
import { exampleEvent, examples } from "./fixtures.ts";
import { parseEvent, type Event, type EventType } from "./index.ts";

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

  it("throws when there is no example of the name", () => {
    expect(() => exampleEvent("file.scanned", "spotless")).toThrow(RangeError);
  });
});
