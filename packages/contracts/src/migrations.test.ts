import { createSamples } from "@hooks/codegen";
import { describe, expect, it } from "vitest";
import { examples } from "./fixtures.ts";
import { migrate, migrations } from "./migrations.ts";
import { contracts, validateEvent } from "./producer.ts";
import { leftOut } from "./test-support/mutants.ts";

const majorsOf = (type: string) => [
  ...new Set(contracts.eventTypes[type]!.versions.map((version) => Number(version.split(".")[0]))),
];
const newestOf = (type: string, major: number) =>
  contracts.eventTypes[type]!.versions.findLast((version) => version.startsWith(`${major}.`))!;

/** Payloads at every edge of a major's contract, and some by chance. */
function payloadsOf(type: string, major: number): readonly unknown[] {
  const { latest, schema, olderSchemas } = contracts.eventTypes[type]!;
  const version = newestOf(type, major);
  // What stands in the package was JSON when it was generated.
  const samples = createSamples(
    (version === latest ? schema : olderSchemas[version]) as Parameters<typeof createSamples>[0],
  );
  const random = Array.from({ length: 200 }, (_, seed) => samples.random(seed));
  const payloads = [samples.minimal(), samples.maximal(), ...samples.boundary(), ...random];
  expect(payloads.every((data) => validateEvent({ type, version, data }).ok)).toBe(true);
  return payloads;
}

describe("migrate", () => {
  it.each(migrations)("makes every example of $type $from a valid $to, and back", ({ type, from, to }) => {
    const byMajor = examples[type as keyof typeof examples] as Record<string, readonly { data: unknown }[]>;
    for (const [start, end] of [
      [from, to],
      [to, from],
    ] as const)
      for (const { data } of byMajor[start]!) {
        const before = structuredClone(data);
        const result = migrate({ type, data, from: start, to: end });
        expect(
          result.ok && validateEvent({ type, version: newestOf(type, end), data: result.data }),
        ).toMatchObject({
          ok: true,
        });
        expect(data).toEqual(before);
      }
  });

  it.each(migrations)(
    "makes a valid $to of whatever else is a valid $type $from, and back",
    ({ type, from, to }) => {
      const byMajor = examples[type as keyof typeof examples] as Record<string, readonly { data: unknown }[]>;
      const isValid = (data: unknown, major: number) =>
        validateEvent({ type, version: newestOf(type, major), data }).ok;
      for (const [start, end] of [
        [from, to],
        [to, from],
      ] as const) {
        const others = byMajor[start]!.flatMap(({ data }) => leftOut(data)).filter(({ data }) =>
          isValid(data, start),
        );
        expect(others.length).toBeGreaterThan(0);
        for (const { data } of others) {
          const result = migrate({ type, data, from: start, to: end });
          expect(result.ok && isValid(result.data, end)).toBe(true);
        }
      }
    },
  );

  it.each(migrations)("loses nothing of $type $to on the way up and down again", ({ type, from, to }) => {
    const byMajor = examples[type as keyof typeof examples] as Record<string, readonly { data: unknown }[]>;
    for (const { data } of byMajor[to]!) {
      const up = migrate({ type, data, from: to, to: from });
      expect(up.ok && migrate({ type, data: up.data, from, to })).toEqual({ ok: true, data });
    }
  });

  it.each(migrations)(
    "makes a valid event of every payload that fits $type $from or $to",
    ({ type, from, to }) => {
      for (const [start, end] of [
        [from, to],
        [to, from],
      ] as const)
        for (const data of payloadsOf(type, start)) {
          const result = migrate({ type, data, from: start, to: end });
          const version = newestOf(type, end);
          expect(result.ok && validateEvent({ type, version, data: result.data })).toEqual({
            ok: true,
            version,
          });
        }
    },
  );

  it.each(migrations)(
    "gives every payload of $type $to back on the way up and down",
    ({ type, from, to }) => {
      for (const data of payloadsOf(type, to)) {
        const up = migrate({ type, data, from: to, to: from });
        expect(up.ok && migrate({ type, data: up.data, from, to })).toEqual({ ok: true, data });
      }
    },
  );

  it("leads from every major to every other", () => {
    for (const type of Object.keys(contracts.eventTypes))
      for (const from of majorsOf(type).slice(1))
        expect(migrations).toContainEqual(expect.objectContaining({ type, from, to: from - 1 }));
  });

  it("gives data back as it is when nothing is to be converted", () => {
    const data = { object: {} };
    expect(migrate({ type: "file.deleted", data, from: 1, to: 1 })).toEqual({ ok: true, data });
  });

  it("knows no way to a major that does not exist", () => {
    expect(migrate({ type: "invoice.paid", data: {}, from: 2, to: 3 })).toEqual({
      ok: false,
      code: "no_migration",
    });
    expect(migrate({ type: "file.deleted", data: {}, from: 2, to: 1 })).toEqual({
      ok: false,
      code: "no_migration",
    });
  });
});
