import { fileURLToPath } from "node:url";
import { loadContracts } from "@hooks/codegen";
import { describe, expect, it } from "vitest";
import { contracts } from "./producer.ts";
import { leftOut, pointerOf, strangers, wrongKinds } from "./test-support/mutants.ts";

const loaded = await loadContracts(fileURLToPath(new URL("../../../schemas", import.meta.url)));

describe.each(Object.values(contracts.eventTypes))("a single fault in $type", ({ type, examples }) => {
  const pointersOf = (data: unknown) => {
    const result = contracts.validateEvent({ type, data });
    return result.ok ? [] : result.issues.map(({ pointer }) => pointer);
  };

  it("of the wrong kind is one issue at its place", () => {
    for (const { path, data } of examples.flatMap(wrongKinds))
      expect(pointersOf(data)).toEqual([`/data${pointerOf(path)}`]);
  });

  it("by a member too many is one issue at that member", () => {
    for (const { path, data } of examples.flatMap(strangers))
      expect(pointersOf(data)).toEqual([`/data${pointerOf(path)}`]);
  });

  it("by a member too few is one issue at that member, or none where it is optional", () => {
    for (const { path, data } of examples.flatMap(leftOut)) {
      const pointers = pointersOf(data);
      const isOptional = pointers.length === 0;
      const around = [`/data${pointerOf(path)}`, `/data${pointerOf(path.slice(0, -1))}`];
      expect(isOptional || (pointers.length === 1 && around.includes(pointers[0]!)), pointers.join()).toBe(
        true,
      );
    }
  });

  it("is told the same by the generated validators and by those compiled at run time", () => {
    for (const mutants of [wrongKinds, strangers, leftOut])
      for (const { data } of examples.flatMap(mutants))
        expect(contracts.validateEvent({ type, data })).toEqual(loaded.validateEvent({ type, data }));
  });
});

describe("loadContracts", () => {
  it("knows the same about every event type as the generated catalogue", () => {
    expect(loaded.source).toBe(contracts.source);
    expect(loaded.eventTypes).toEqual(contracts.eventTypes);
  });
});
