import { describe, expect, it } from "vitest";
import type { NewEvent } from "../../../store.ts";
import type { Row, Statement } from "../database.ts";
import { createTargetsMemory } from "./targets-memory.ts";

const eventOf = (change: Partial<NewEvent> = {}) => ({ type: "a.b", ...change }) as NewEvent;

/** A server with an endpoint for all events, and what it was asked. */
function createServer() {
  const state = { version: "v1", endpoint: "ep_1", asked: [] as string[] };
  const query = async ({ name }: Statement): Promise<readonly Row[]> => {
    state.asked.push(name);
    if (name === "audience_version") return state.version === "" ? [] : [{ version: state.version }];
    const target = { endpoint: state.endpoint, subscriber: "sub_1", preferences: "{}" };
    return [
      { ...target, number: 0, named: null },
      { number: null, named: null, endpoint: null, subscriber: "sub_1", preferences: null },
    ];
  };
  return { state, query };
}

describe("createTargetsMemory", () => {
  it("asks once for an audience, and demands the version that it had then", async () => {
    const { state, query } = createServer();
    const { targetsFor } = createTargetsMemory();
    const read = await targetsFor(query, [eventOf()]);
    expect(read.version).toBeUndefined();
    const known = await targetsFor(query, [eventOf(), eventOf()]);
    expect(known.version).toBe("v1");
    expect(known.targetsOf(eventOf()).map(({ endpoint }) => endpoint)).toEqual(["ep_1"]);
    expect(state.asked).toEqual(["audience_version", "targets"]);
  });

  it("lets who publishes go on by what it recalled when another version comes", async () => {
    const { state, query } = createServer();
    const { targetsFor } = createTargetsMemory();
    await targetsFor(query, [eventOf()]);
    const before = await targetsFor(query, [eventOf()]);
    Object.assign(state, { version: "v2", endpoint: "ep_2" });
    await targetsFor(query, [eventOf({ type: "c.d" })]);
    expect(before.targetsOf(eventOf()).map(({ endpoint }) => endpoint)).toEqual(["ep_1"]);
    const after = await targetsFor(query, [eventOf()]);
    expect(after.targetsOf(eventOf()).map(({ endpoint }) => endpoint)).toEqual(["ep_2"]);
  });

  it("remembers no endpoint that an event names, and nobody who was no subscriber", async () => {
    const { state, query } = createServer();
    const { targetsFor } = createTargetsMemory();
    const events = [eventOf({ endpoint: "ep_1" }), eventOf({ subscriber: "sub_2" })];
    for (const event of [...events, ...events])
      expect((await targetsFor(query, [event])).version).toBeUndefined();
    expect(state.asked).toHaveLength(8);
    await targetsFor(query, [eventOf({ subscriber: "sub_1" })]);
    expect((await targetsFor(query, [eventOf({ subscriber: "sub_1" })])).version).toBe("v1");
    await targetsFor(query, [eventOf()]);
    expect((await targetsFor(query, [eventOf()])).version).toBe("v1");
    expect((await targetsFor(query, [eventOf({ endpoint: "ep_1" })])).version).toBeUndefined();
  });

  it("forgets all when it is told to, when it is full, and where there is no version", async () => {
    const { state, query } = createServer();
    const memory = createTargetsMemory(2);
    const isKnown = async (type: string) =>
      (await memory.targetsFor(query, [eventOf({ type })])).version !== undefined;
    expect([await isKnown("a.a"), await isKnown("a.a")]).toEqual([false, true]);
    memory.forget();
    expect([await isKnown("a.a"), await isKnown("a.b"), await isKnown("a.a")]).toEqual([false, false, true]);
    expect([await isKnown("a.c"), await isKnown("a.a")]).toEqual([false, false]);
    state.version = "";
    expect([await isKnown("a.d"), await isKnown("a.d")]).toEqual([false, false]);
  });
});
