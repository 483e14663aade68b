import { expect, it } from "vitest";
import type { Dedupe } from "../dedupe.ts";
import { describeDedupe } from "./conformance.ts";
import { createMemoryDedupe } from "./memory.ts";

let store: Dedupe | undefined;
describeDedupe("memory", {
  open: async (options) => {
    if (options !== undefined) return createMemoryDedupe(options);
    store ??= createMemoryDedupe();
    return store;
  },
  clear: async () => void (store = undefined),
});

it("forgets the oldest event above its limit", async () => {
  const dedupe = createMemoryDedupe({ maxEvents: 2 });
  const begin = (eventId: string) => dedupe.begin({ source: "s", eventId, leaseMs: 1_000, nowMs: 0 });
  for (const id of ["a", "b", "c"]) await begin(id);
  expect(await begin("c")).toEqual({ kind: "busy" });
  expect(await begin("a")).toMatchObject({ kind: "begun" });
});
