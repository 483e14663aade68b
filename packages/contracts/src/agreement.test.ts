import { fileURLToPath } from "node:url";
import { loadContracts } from "@hooks/codegen";
import { describe, expect, it } from "vitest";
import { contracts } from "./producer.ts";

type Path = readonly (string | number)[];

interface Mutant {
  readonly path: Path;
  readonly data: unknown;
}

const loaded = await loadContracts(fileURLToPath(new URL("../../../schemas", import.meta.url)));

/** Every place in a value, its root left out. */
function placesIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    return [place, ...placesIn(inner, place)];
  });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}

/** A copy in which `change` has worked on the parent of a place. */
function changed(
  data: unknown,
  path: Path,
  change: (parent: Record<string | number, unknown>) => void,
): Mutant {
  const copy = structuredClone(data);
  change(valueAt(copy, path.slice(0, -1)) as Record<string | number, unknown>);
  return { path, data: copy };
}

/** Each place once with a value of a kind that no contract allows there. */
function wrongKinds(data: unknown): readonly Mutant[] {
  return placesIn(data).map((path) => {
    const wrong = typeof valueAt(data, path) === "boolean" ? "no" : false;
    return changed(data, path, (parent) => (parent[path.at(-1)!] = wrong));
  });
}

/** Each object once with a member more. */
function strangers(data: unknown): readonly Mutant[] {
  const objects = placesIn(data).filter((path) => {
    const value = valueAt(data, path);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  });
  return objects.map((path) => {
    const inside = [...path, "Stranger~/x"];
    return changed(data, inside, (parent) => (parent["Stranger~/x"] = 5));
  });
}

/** Each member once left out. */
function leftOut(data: unknown): readonly Mutant[] {
  const members = placesIn(data).filter((path) => typeof path.at(-1) === "string");
  return members.map((path) => changed(data, path, (parent) => delete parent[path.at(-1)!]));
}

function pointerOf(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

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
