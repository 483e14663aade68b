import { describe, expect, it } from "vitest";
import { StoreUnavailableError, type NewEvent } from "../../../store.ts";
import type { Call } from "./decide.ts";
import { createWaiting, publishFree, type Answer, type Outcome } from "./waiting.ts";

const event = (id: string, subject?: string): NewEvent => ({
  id,
  type: "invoice.paid",
  version: "1.0.0",
  source: "test",
  digest: "",
  envelope: { before: "", after: "" },
  render: () => ({ kind: "own" }),
  ...(subject === undefined ? {} : { subject }),
});
const callOf = (id: string, subject?: string): Call => ({ events: [event(id, subject)], nowMs: 0 });

const lockTimeout = () => {
  const cause = Object.assign(new Error("canceling statement due to lock timeout"), { code: "55P03" });
  return new StoreUnavailableError("PostgreSQL: lock timeout", { cause });
};

const answerTo = ({ events }: Call): Answer =>
  events.map(({ id }) => ({
    kind: "published",
    id,
    deliveries: 0,
    duplicate: false,
    endpoints: [],
    unrendered: [],
  }));

const ids = ({ events }: Call) => events.map(({ id }) => id).join();

/** Publishes as `refuse` lets it, where these subjects are held; gives what came of each call. */
async function publish(
  calls: readonly Call[],
  { refuse, held = [] }: { refuse: (ids: readonly string[]) => void; held?: readonly string[] },
) {
  const tried: string[] = [];
  const outcomes = await publishFree(calls, {
    query: async () => held.map((subject) => ({ source: "test", subject })),
    publish: async (some) => {
      tried.push(some.map(ids).join(" "));
      refuse(some.map(ids));
      return some.map(answerTo);
    },
  });
  return { tried, kinds: outcomes.map(({ kind }) => kind) };
}

/** Somebody holds up a call. */
const holdingUp = (id: string) => (some: readonly string[]) => {
  if (some.includes(id)) throw lockTimeout();
};

/** Somebody holds up one of many, and the store goes away before that is known; another can never be kept. */
const goingAway = (some: readonly string[]) => {
  if (some.includes("d")) throw some.length > 2 ? lockTimeout() : new StoreUnavailableError("It is away");
  if (some.includes("b")) throw new Error("This one cannot be kept");
};

describe("publishFree", () => {
  it("leaves out what waits for a subject that is held, and tries the others together", async () => {
    const calls = [callOf("a", "x"), callOf("b", "held"), callOf("c"), callOf("d", "held")];
    const refuse = holdingUp("b");
    expect(await publish(calls, { refuse, held: ["held"] })).toEqual({
      tried: ["a b c d", "a c"],
      kinds: ["answered", "held", "answered", "held"],
    });
  });

  it("finds by halves what waits for something else", async () => {
    const refuse = holdingUp("c");
    expect(
      await publish(
        ["a", "b", "c", "d", "e"].map((id) => callOf(id)),
        { refuse },
      ),
    ).toEqual({
      tried: ["a b c d e", "a b c", "a b", "c", "d e"],
      kinds: ["answered", "answered", "held", "answered", "answered"],
    });
  });

  it("refuses nobody for what was kept of others before the store went away, nor for a fault of one", async () => {
    const refuse = goingAway;
    expect(
      await publish(
        ["a", "b", "c", "d"].map((id) => callOf(id)),
        { refuse },
      ),
    ).toEqual({
      tried: ["a b c d", "a b", "a", "b", "c d"],
      kinds: ["answered", "failed", "failed", "failed"],
    });
  });

  it("rejects where the store went away before", async () => {
    await expect(publish([callOf("c"), callOf("d")], { refuse: goingAway })).rejects.toThrow("It is away");
  });
});

describe("createWaiting", () => {
  it("has whatever else is of a subject, or repeats an id, wait apart, as long as something of it does", async () => {
    const hasty: string[] = [];
    const patient: string[] = [];
    const waiting = Promise.withResolvers<undefined>();
    const call = createWaiting({
      hasty: async (one): Promise<Outcome> => {
        hasty.push(ids(one));
        return ids(one) === "a" ? { kind: "held" } : { kind: "answered", answer: answerTo(one) };
      },
      patient: async (one) => {
        patient.push(ids(one));
        await waiting.promise;
        return answerTo(one);
      },
    });
    const first = call(callOf("a", "x"));
    await Promise.resolve();
    const second = call(callOf("b", "x"));
    const again = call(callOf("a"));
    expect(await call(callOf("c", "y"))).toMatchObject([{ id: "c" }]);
    expect([hasty, patient]).toEqual([
      ["a", "c"],
      ["a", "b", "a"],
    ]);
    waiting.resolve(undefined);
    expect(await Promise.all([first, second, again])).toMatchObject([
      [{ id: "a" }],
      [{ id: "b" }],
      [{ id: "a" }],
    ]);
    await call(callOf("d", "x"));
    expect(hasty).toEqual(["a", "c", "d"]);
  });
});
