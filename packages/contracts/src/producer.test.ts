import { describe, expect, expectTypeOf, it } from "vitest";
import { examples, invalidExamples } from "./fixtures.ts";
import type { EventMap, EventType } from "./index.ts";
import { build, contracts, validateEvent, type ContractIssue, type NewEvent } from "./producer.ts";

const types = Object.keys(examples) as EventType[];

function issuesOf(type: string, data: unknown): readonly ContractIssue[] {
  const result = validateEvent({ type, data });
  return result.ok ? [] : result.issues;
}

describe("validateEvent", () => {
  it.each(types)("accepts every published example of %s", (type) => {
    const { latest, examples: published } = contracts.eventTypes[type]!;
    expect(published.length).toBeGreaterThanOrEqual(2);
    for (const data of published)
      expect(validateEvent({ type, data })).toEqual({ ok: true, version: latest });
  });

  it.each(types.flatMap((type) => invalidExamples[type].map((example) => ({ type, ...example }))))(
    "refuses $type $name with one issue: $why",
    ({ type, data, expect: fault }) => {
      expect(issuesOf(type, data).map(({ pointer, keyword }) => ({ pointer, keyword }))).toEqual([
        { pointer: `/data${fault.pointer}`, keyword: fault.keyword },
      ]);
    },
  );

  it.each(types)("refuses a member %s does not know, in data and in its object", (type) => {
    const data = examples[type][contracts.eventTypes[type]!.latest.split(".")[0] as never] as readonly {
      data: EventMap[EventType];
    }[];
    const [{ data: valid }] = data as [{ data: EventMap[EventType] }];
    expect(issuesOf(type, { ...valid, nonsense: 1 })).toMatchObject([
      { code: "unknown_member", pointer: "/data/nonsense", received: "a number (not shown)" },
    ]);
    expect(issuesOf(type, { ...valid, object: { ...valid.object, nonsense: 1 } })).toMatchObject([
      { code: "unknown_member", pointer: "/data/object/nonsense" },
    ]);
  });

  it("refuses __proto__ as a member like any other", () => {
    const data: unknown = JSON.parse(
      '{"object":{"id":"file_1","deleted_at":"2026-01-01T00:00:00Z"},"__proto__":{}}',
    );
    expect(issuesOf("file.deleted", data)).toMatchObject([{ pointer: "/data/__proto__" }]);
  });

  it("reports each of several faults once", () => {
    const data = { object: { id: 7, deleted_at: "yesterday", size: 1 } };
    expect(
      issuesOf("file.deleted", data)
        .map(({ pointer }) => pointer)
        .toSorted(),
    ).toEqual(["/data/object/deleted_at", "/data/object/id", "/data/object/size"]);
  });

  it("says what was expected and what came", () => {
    const [issue] = issuesOf("file.deleted", { object: { id: "file_1", deleted_at: 5 } });
    expect(issue).toEqual({
      code: "wrong_type",
      pointer: "/data/object/deleted_at",
      keyword: "type",
      expected: "string",
      received: "number 5",
      message: "/data/object/deleted_at: expected string, received number 5.",
    });
  });

  it("shows nothing of a sensitive value, nor of what stands in its place or around it", () => {
    const user = examples["user.created"]["1"][0]!.data.object;
    const secret = "ada-at-example";
    for (const object of [{ ...user, email: secret }, { ...user, name: [secret] }, secret])
      expect(JSON.stringify(issuesOf("user.created", { object }))).not.toContain(secret);
    const bank = {
      id: "pm_1",
      customer_id: "cus_1",
      details: { kind: "bank_account", iban: secret, holder: "x" },
    };
    expect(JSON.stringify(issuesOf("payment_method.attached", { object: bank }))).not.toContain(secret);
  });

  it("validates an older version by the newest of its major", () => {
    const data = examples["invoice.paid"]["1"][0]!.data;
    for (const version of ["1.0.0", "1.1.0"])
      expect(validateEvent({ type: "invoice.paid", version, data })).toEqual({ ok: true, version: "1.1.0" });
    expect(validateEvent({ type: "invoice.paid", data })).toMatchObject({ code: "schema_violation" });
  });

  it.each(["1", "1.2.0", "2.0.1", "3.0.0", ""])("does not know version %j of invoice.paid", (version) => {
    expect(validateEvent({ type: "invoice.paid", version, data: {} })).toMatchObject({
      ok: false,
      code: "unknown_version",
      issues: [{ pointer: "/version" }],
    });
  });

  it.each(["", "invoice", "invoice.*", "__proto__", "hasOwnProperty"])(
    "does not know the type %j",
    (type) => {
      expect(validateEvent({ type, data: {} })).toMatchObject({ ok: false, code: "unknown_event_type" });
    },
  );

  it("answers a hostile array with a bounded number of issues", () => {
    const roles = Array.from({ length: 5_000 }, () => 0);
    const user = { ...examples["user.created"]["1"][0]!.data.object, roles };
    expect(issuesOf("user.created", { object: user }).length).toBeLessThanOrEqual(50);
  });
});

describe("contracts", () => {
  it("knows the operational events a sender publishes itself", () => {
    expect(types).toEqual(
      expect.arrayContaining([
        "endpoint.failing",
        "endpoint.disabled",
        "endpoint.recovered",
        "delivery.dead",
        "replay.finished",
        "contract.deprecated",
      ]),
    );
  });

  it("describes each event type", () => {
    expect(contracts.eventTypes["invoice.paid"]).toMatchObject({
      type: "invoice.paid",
      latest: "2.0.0",
      versions: ["1.0.0", "1.1.0", "2.0.0"],
      group: "billing",
      lifecycle: "stable",
      payload: "full",
    });
    expect(contracts.eventTypes["file.uploaded"]?.payload).toBe("thin");
    expect(Object.keys(contracts.eventTypes["invoice.paid"]!.olderSchemas)).toEqual(["1.0.0", "1.1.0"]);
  });
});

describe("build", () => {
  const { data } = examples["file.deleted"]["1"][0]!;

  it("adds type, newest version and source", () => {
    expect(build("file.deleted", { data, subject: "file_1" })).toEqual({
      type: "file.deleted",
      version: "1.0.0",
      source: contracts.source,
      subject: "file_1",
      data,
    });
  });

  it("keeps a source of the caller's", () => {
    expect(build("file.deleted", { data, source: "archive" }).source).toBe("archive");
  });

  it("compiles only for known types and their data", () => {
    expectTypeOf(build("file.deleted", { data })).toEqualTypeOf<NewEvent<"file.deleted">>();
    expectTypeOf<NewEvent<"invoice.paid">["version"]>().toEqualTypeOf<"2.0.0">();
    // @ts-expect-error a type that does not exist
    build("file.vanished", { data });
    // @ts-expect-error the data of another type
    build("file.scanned", { data });
    // @ts-expect-error a misspelt member
    build("file.deleted", { data, subjekt: "x" });
  });
});
