import { expect, it } from "vitest";
import type { Dedupe } from "../dedupe.ts";
import { describeDedupe } from "./conformance.ts";
import { createMemoryDedupe } from "./memory.ts";

let store: Dedupe | undefined;
describeDedupe("memory", {
  open: async (options) => {
    if (options.rememberMs !== undefined) return createMemoryDedupe(options);
    store ??= createMemoryDedupe(options);
    return store;
  },
  clear: async () => void (store = undefined),
});

it("forgets the oldest event above its limit", async () => {
  const dedupe = createMemoryDedupe({ maxEvents: 2 });
  const begin = (eventId: string) => dedupe.begin({ source: "s", eventId, leaseMs: 60_000 });
  for (const id of ["a", "b", "c"]) await begin(id);
  expect(await begin("c")).toEqual({ kind: "busy" });
  expect(await begin("a")).toMatchObject({ kind: "begun" });
});

it("remembers the newest event also where there is room for no other", async () => {
  const dedupe = createMemoryDedupe({ maxEvents: 1 });
  const begin = (eventId: string) => dedupe.begin({ source: "s", eventId, leaseMs: 60_000 });
  for (const id of ["a", "b"]) await begin(id);
  expect(await begin("b")).toEqual({ kind: "busy" });
});

it("forgets a tenth of its events at once, so that not every further one has to look for the oldest", async () => {
  const dedupe = createMemoryDedupe({ maxEvents: 20 });
  const begin = (eventId: string) => dedupe.begin({ source: "s", eventId, leaseMs: 60_000 });
  for (let n = 0; n <= 20; n++) await begin(`e${n}`);
  expect(await begin("e3")).toEqual({ kind: "busy" });
  expect(await begin("e2")).toMatchObject({ kind: "begun" });
});
