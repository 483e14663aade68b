import { describe, expect, it } from "vitest";
import { type Fact, type Flow, judge } from "./ledger.ts";

const contract: Flow = "contract events";
const github: Flow = "GitHub payloads";

const sent = (flow: Flow, id: string, atMs = 0): Fact => ({ kind: "sent", flow, id, atMs });
const arrived = (flow: Flow, id: string, atMs = 5): Fact => ({ kind: "arrived", flow, id, atMs });
const answered = (
  request: "first" | "repeat" | "forgery",
  id: string,
  [status, duplicate]: readonly [number, boolean?],
): Fact => ({ kind: "answered", flow: github, id, request, status, duplicate });

/** A run in which all is well. */
const good: readonly Fact[] = [
  sent(contract, "evt_1"),
  arrived(contract, "evt_1"),
  sent(github, "a"),
  answered("first", "a", [202, false]),
  answered("repeat", "a", [200, true]),
  answered("forgery", "f", [401]),
  arrived(github, "a"),
];

const without = (fact: Fact) => good.filter((one) => JSON.stringify(one) !== JSON.stringify(fact));

describe("judge", () => {
  it("says yes when everything arrived once, and counts it", () => {
    const { ok, faults, flows } = judge(good);
    expect({ ok, faults }).toEqual({ ok: true, faults: [] });
    expect(flows[github]).toEqual({
      sent: 1,
      arrivedOnce: 1,
      lost: 0,
      repeats: { sent: 1, recognised: 1 },
      forgeries: { sent: 1, refused: 1 },
      latencyMs: { median: 5, p99: 5 },
    });
  });

  it("does not mind the order of facts", () => {
    expect(judge(good.toReversed()).ok).toBe(true);
  });

  it.each([
    ["nothing at all", [], "contract events: nothing was sent"],
    ["a lost event", without(arrived(github, "a")), "GitHub payloads: a was lost"],
    ["an event handled twice", [...good, arrived(github, "a")], "GitHub payloads: a arrived 2 times"],
    [
      "a forgery that got through",
      [...good, arrived(github, "f")],
      "GitHub payloads: f arrived although nobody genuine sent it",
    ],
    [
      "an event that came by the other way",
      [...good, arrived(contract, "a")],
      "contract events: a arrived although nobody genuine sent it",
    ],
    [
      "a repeat taken for new",
      [...good, answered("repeat", "a", [202, false])],
      "GitHub payloads: the repeat request of a was answered 202 instead of 200 duplicate",
    ],
    [
      "a forgery accepted",
      [...good, answered("forgery", "g", [202, false])],
      "GitHub payloads: the forgery request of g was answered 202 instead of 401",
    ],
    [
      "a forgery refused for another reason",
      [...good, answered("forgery", "g", [429])],
      "GitHub payloads: the forgery request of g was answered 429 instead of 401",
    ],
    [
      "a new event taken for a repeat",
      [...good, answered("first", "b", [200, true])],
      "GitHub payloads: the first request of b was answered 200 duplicate instead of 202",
    ],
    ["anything unexpected", [...good, { kind: "unexpected", text: "odd" } as const], "odd"],
  ] satisfies readonly (readonly [string, readonly Fact[], string])[])("says no to %s", (_, facts, fault) => {
    const verdict = judge(facts);
    expect(verdict.ok).toBe(false);
    expect(verdict.faults).toContain(fault);
  });

  it("says no when one flow had nothing to do", () => {
    expect(judge(good.filter((fact) => fact.kind !== "unexpected" && fact.flow === github)).ok).toBe(false);
  });

  it("gives the median and the 99th percentile by nearest rank", () => {
    const facts = Array.from({ length: 200 }, (_, index) => [
      sent(contract, `e${index}`, 1_000),
      arrived(contract, `e${index}`, 1_001 + index),
    ]).flat();
    expect(judge(facts).flows[contract].latencyMs).toEqual({ median: 100, p99: 198 });
  });
});
