import { describe, expect, it } from "vitest";
import { prepareEvent, type EventInput } from "./publish.ts";
import { bodyOf } from "./render/envelope.ts";

const contracts = {
  source: "billing",
  eventTypes: {},
  validateEvent: ({ data }: { readonly data: unknown }) =>
    data === "wrong"
      ? ({
          ok: false,
          code: "schema_violation",
          issues: [
            {
              pointer: "/data",
              code: "wrong_type",
              keyword: "type",
              expected: "an object",
              received: "a string",
              message: "no",
            },
          ],
        } as const)
      : ({ ok: true, version: "1.2.0" } as const),
  migrate: () => ({ ok: false }) as const,
};
const prepare = (input: Partial<EventInput> = {}) =>
  prepareEvent(
    { type: "invoice.paid", data: { a: 1 }, ...input },
    { contracts, newId: () => "evt_new", nowMs: 1_800_000_000_000, render: () => () => ({ kind: "own" }) },
  );

const digest = (input: Partial<EventInput>) => prepare(input).digest;

describe("prepareEvent", () => {
  it("writes the envelope with its members in order, and the sequence where there is one", () => {
    const { envelope } = prepare({ subject: "inv_1" });
    const head = {
      id: "evt_new",
      type: "invoice.paid",
      version: "1.2.0",
      timestamp: "2027-01-15T08:00:00.000Z",
      source: "billing",
      subject: "inv_1",
    };
    const text = (sequence?: number) => Buffer.from(bodyOf(envelope, sequence)).toString();
    expect(text(7)).toBe(JSON.stringify({ ...head, sequence: 7, data: { a: 1 } }));
    expect(text()).toBe(JSON.stringify({ ...head, data: { a: 1 } }));
  });

  it.each([
    ["2026-11-20T12:00:00Z", "2026-11-20T12:00:00.000Z"],
    ["2026-11-20T13:00:00.5+01:00", "2026-11-20T12:00:00.500Z"],
    ["2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ])("reads the timestamp %s", (timestamp, expected) => {
    expect(Buffer.from(bodyOf(prepare({ timestamp }).envelope, undefined)).toString()).toContain(
      `"timestamp":"${expected}"`,
    );
  });

  it.each([
    "2026-02-30T00:00:00Z",
    "2027-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T12:60:00Z",
    "2026-11-20",
    "2026-11-20T12:00:00",
    "now",
    "",
    "2026-11-20T12:00:00+99:00",
    "9999-12-31T23:59:59-14:00",
    "0000-01-01T00:00:00+14:00",
  ])("refuses the timestamp %j", (timestamp) => {
    expect(() => prepare({ timestamp })).toThrow(
      expect.objectContaining({
        code: "validation_failed",
        issues: [expect.objectContaining({ pointer: "/timestamp" })],
      }),
    );
  });

  it.each<[Partial<EventInput>, string, string]>([
    [{ id: "a.b" }, "validation_failed", "/id"],
    [{ id: "" }, "validation_failed", "/id"],
    [{ id: "x".repeat(65) }, "validation_failed", "/id"],
    [{ subject: "" }, "validation_failed", "/subject"],
    [{ subject: "\ud800" }, "validation_failed", "/subject"],
    [{ subject: "a\nb" }, "validation_failed", "/subject"],
    [{ source: "x".repeat(257) }, "validation_failed", "/source"],
    [{ idempotencyKey: "" }, "validation_failed", "/idempotencyKey"],
    [{ data: "wrong" }, "schema_violation", "/data"],
  ])("refuses %j as %s at %s", (input, code, pointer) => {
    expect(() => prepare(input)).toThrow(
      expect.objectContaining({ code, issues: [expect.objectContaining({ pointer })] }),
    );
  });

  it("refuses a misspelt member, which would send to everybody what is for one", () => {
    const misspelt = { subject: "inv_1", subscribr: "sub_1" };
    expect(() => prepare(misspelt)).toThrow(
      expect.objectContaining({
        code: "unknown_field",
        message: expect.stringContaining('no member "subscribr"; expected one of type, data, subject'),
        issues: [expect.objectContaining({ pointer: "/subscribr" })],
      }),
    );
  });

  it.each([undefined, null, 1])(
    "refuses the subscriber %s rather than sending to everybody",
    (subscriber) => {
      const wrong = { subscriber } as unknown as Partial<EventInput>;
      expect(() => prepare(wrong)).toThrow(
        expect.objectContaining({
          code: "validation_failed",
          issues: [expect.objectContaining({ pointer: "/subscriber" })],
        }),
      );
    },
  );

  it("refuses what is too large", () => {
    expect(() => prepare({ data: "x".repeat(256 * 1_024) })).toThrow(
      expect.objectContaining({ code: "payload_too_large" }),
    );
  });

  it("knows a repeated event by what it says, not by when it was said unless that was given", () => {
    expect(digest({})).toBe(digest({ id: "other" }));
    expect(digest({})).not.toBe(digest({ data: { a: 2 } }));
    expect(digest({ timestamp: "2026-11-20T12:00:00Z" })).toBe(
      digest({ timestamp: "2026-11-20T13:00:00+01:00" }),
    );
    expect(digest({ timestamp: "2026-11-20T12:00:00Z" })).not.toBe(
      digest({ timestamp: "2026-11-20T12:00:01Z" }),
    );
  });
});
