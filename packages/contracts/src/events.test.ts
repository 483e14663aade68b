import { describe, expect, expectTypeOf, it } from "vitest";
import { createParser, invoicePaid, orderShipped } from "./events.ts";
import { exampleEvent } from "./fixtures.ts";
import type { Event } from "./index.ts";

describe("createParser", () => {
  const parse = createParser([invoicePaid, orderShipped]);

  it("reads the events it was given and knows no others", () => {
    expect(parse(exampleEvent("order.shipped")).ok).toBe(true);
    expect(parse(exampleEvent("invoice.paid")).ok).toBe(true);
    expect(parse(exampleEvent("user.deleted"))).toMatchObject({ ok: false, code: "unknown_event_type" });
  });

  it("is typed by the events it was given", () => {
    const parsed = parse(exampleEvent("order.shipped"));
    if (parsed.ok) expectTypeOf(parsed.event).toEqualTypeOf<Event<"invoice.paid" | "order.shipped">>();
  });
});
