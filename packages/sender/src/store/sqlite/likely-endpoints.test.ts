import { describe, expect, it } from "vitest";
import type { NewEvent, PublishResult } from "../../store.ts";
import { createLikelyEndpoints } from "./likely-endpoints.ts";

const eventOf = (type: string) => ({ type }) as NewEvent;
const sentTo = (...endpoints: readonly string[]): PublishResult => ({
  kind: "published",
  id: "evt_1",
  deliveries: endpoints.length,
  duplicate: false,
  endpoints,
  unrendered: [],
});

describe("createLikelyEndpoints", () => {
  it("expects of events what the last ones of their audiences went to, and counts what each endpoint gets", () => {
    const likely = createLikelyEndpoints();
    expect(likely.of([eventOf("a.b")])).toEqual(new Map());
    likely.learn([eventOf("a.b")], [sentTo("ep_0")]);
    likely.learn([eventOf("a.b"), eventOf("c.d")], [sentTo("ep_1", "ep_2"), sentTo("ep_2")]);
    const events = ["a.b", "c.d", "a.b", "e.f"].map(eventOf);
    expect([...likely.of(events)]).toEqual([
      ["ep_1", 2],
      ["ep_2", 3],
    ]);
  });

  it("expects nothing of events that go to many, nor learns of what was refused", () => {
    const likely = createLikelyEndpoints();
    likely.learn([eventOf("a.b")], [sentTo(...Array.from({ length: 33 }, (_, index) => `ep_${index}`))]);
    expect(likely.of([eventOf("a.b")])).toEqual(new Map());
    likely.learn([eventOf("a.b")], [sentTo("ep_0")]);
    likely.learn([eventOf("a.b")], [{ kind: "event_id_conflict", id: "evt_1" }]);
    expect([...likely.of([eventOf("a.b")])]).toEqual([["ep_0", 1]]);
  });
});
