import { contracts } from "@hooks/contracts/producer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../test-support/api.ts";

let api: TestApi;
const type = "order.shipped";
const [data] = contracts.eventTypes[type]!.examples;
const invalid = { object: { id: 12 }, extra: true };

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(() => api.close());

const publish = (json: object, headers: Record<string, string> = {}) =>
  api.call("POST", "/v1/events", { json: { type, data, ...json }, headers });
const publishBatch = (events: unknown, headers: Record<string, string> = {}) =>
  api.call("POST", "/v1/events/batch", { json: { events }, headers });

const many = (count: number) => Array.from({ length: count }, () => ({ type, data }));

describe("eventRoutes", () => {
  it("keeps an event as it was published", async () => {
    const timestamp = "2026-01-02T03:04:05.678Z";
    const made = await publish({ id: "evt_mine", subject: "usr_1", timestamp, source: "accounts" });
    expect(made).toMatchObject({ status: 202, json: { id: "evt_mine", deliveries: 0, duplicate: false } });
    const { json } = await api.call("GET", "/v1/events/evt_mine");
    expect(json).toMatchObject({ id: "evt_mine", subject: "usr_1", sequence: 1, source: "accounts" });
    expect(json.envelope).toMatchObject({ id: "evt_mine", type, timestamp, data });
    const { json: list } = await api.call("GET", `/v1/events?type=${type}`);
    expect(list.data).toMatchObject([{ id: "evt_mine" }]);
    expect(list.data[0]).not.toHaveProperty("envelope");
    const none = await api.call("GET", "/v1/events/evt_none");
    expect([none.status, none.json.code]).toEqual([404, "event_not_found"]);
  });

  it("publishes the same id once, and refuses other content under it", async () => {
    await publish({ id: "evt_1" });
    expect(await publish({ id: "evt_1" })).toMatchObject({ status: 202, json: { duplicate: true } });
    const conflict = await publish({ id: "evt_1", subject: "other" });
    expect([conflict.status, conflict.json.code]).toEqual([409, "event_id_conflict"]);
  });

  it("publishes once under one Idempotency-Key", async () => {
    const key = { "idempotency-key": "k" };
    const first = await publish({}, key);
    const again = await publish({}, key);
    expect(again.json).toEqual({ ...first.json, duplicate: true });
    const conflict = await publish({ subject: "other" }, key);
    expect([conflict.status, conflict.json.code]).toEqual([409, "idempotency_conflict"]);
  });

  it("answers a violation of the contract with its place, what was expected and what came", async () => {
    const { status, json } = await publish({ data: invalid });
    expect([status, json.code]).toEqual([422, "schema_violation"]);
    expect(json.errors.length).toBeGreaterThan(0);
    for (const fault of json.errors) {
      expect(fault.pointer).toMatch(/^\/data\//);
      expect(fault).toMatchObject({ expected: expect.any(String), received: expect.any(String) });
    }
    expect((await api.call("GET", "/v1/events")).json.data).toEqual([]);
  });

  it.each([
    [{ type: "no.such" }, 422, "unknown_event_type"],
    [{ version: "9.0.0" }, 422, "unknown_version"],
    [{ id: "has.dot" }, 400, "validation_failed"],
    [{ id: "" }, 400, "validation_failed"],
    [{ timestamp: "yesterday" }, 400, "validation_failed"],
    [{ subject: "" }, 400, "validation_failed"],
    [{ type: 1 }, 400, "validation_failed"],
    [{ idempotencyKey: "k" }, 400, "unknown_field"],
  ])("refuses %j", async (json, status, code) => {
    const answer = await publish(json);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  it("publishes a batch whole, and repeats it under its Idempotency-Key", async () => {
    const events = [
      { type, data, id: "evt_a" },
      { type, data },
    ];
    const key = { "idempotency-key": "k" };
    const first = await publishBatch(events, key);
    expect(first).toMatchObject({ status: 202, json: { data: [{ id: "evt_a" }, { duplicate: false }] } });
    const again = await publishBatch(events, key);
    expect(again.json.data.map(({ id }: { id: string }) => id)).toEqual(
      first.json.data.map(({ id }: { id: string }) => id),
    );
    expect(again.json.data).toMatchObject([{ duplicate: true }, { duplicate: true }]);
  });

  it("refuses a batch under the Idempotency-Key of one that was longer, shorter, or had other events", async () => {
    const [a, b, c] = ["a", "b", "c"].map((subject) => ({ type, data, subject }));
    const key = { "idempotency-key": "k" };
    await publishBatch([a, b], key);
    for (const other of [[a], [b, a], [a, c], [a, b, c], [a, c, b], [c]]) {
      const { status, json } = await publishBatch(other, key);
      expect([status, json.code]).toEqual([409, "idempotency_conflict"]);
    }
    expect((await api.call("GET", "/v1/events")).json.data).toHaveLength(2);
  });

  it("publishes nothing of a batch with one bad event, and points at it", async () => {
    const { status, json } = await publishBatch([
      { type, data },
      { type, data: invalid },
    ]);
    expect([status, json.code]).toEqual([422, "schema_violation"]);
    expect(json.errors[0].pointer).toMatch(/^\/events\/1\/data\//);
    const shape = await publishBatch([{ type, data }, { type }]);
    expect([shape.status, shape.json.errors[0].pointer]).toEqual([400, "/events/1/data"]);
    expect((await api.call("GET", "/v1/events")).json.data).toEqual([]);
  });

  it.each([
    ["/events/0/subscriber", [{}]],
    ["/events/1/subscriber", [{ subscriber: undefined }, {}]],
  ])("says at %s of a batch that there is no such subscriber", async (pointer, changes) => {
    const events = changes.map((change) => ({ type, data, subscriber: "sub_none", ...change }));
    const { status, json } = await publishBatch(events);
    expect([status, json.code, json.errors[0].pointer]).toEqual([404, "subscriber_not_found", pointer]);
  });

  it("takes 1 to 100 events in a batch", async () => {
    expect((await publishBatch(many(100))).status).toBe(202);
    for (const events of [many(101), [], {}, null])
      expect((await publishBatch(events)).json.code).toBe("validation_failed");
  });

  it.each([
    ["limit=500", "limit", "Expected an integer from 1 to 100, got 500"],
    ["limit=many", "limit", "Expected an integer from 1 to 100, got many"],
    ["limit=a%20secret", "limit", "Expected an integer from 1 to 100, got a string of 8 characters"],
  ])("says what it got in ?%s", async (query, name, message) => {
    const { status, json } = await api.call("GET", `/v1/events?${query}`);
    expect([status, json.code]).toEqual([400, "invalid_query"]);
    expect(json.errors).toMatchObject([{ pointer: `/${name}`, message }]);
  });

  it("asks for a member that is missing", async () => {
    const { json } = await api.call("POST", "/v1/events", { json: { type } });
    expect(json.errors).toMatchObject([{ pointer: "/data", expected: "a value", received: "nothing" }]);
  });

  it("lists newest first, page by page", async () => {
    await publishBatch(Array.from({ length: 5 }, (_, index) => ({ type, data, id: `evt_${index}` })));
    const first = await api.call("GET", "/v1/events?limit=3");
    const second = await api.call("GET", `/v1/events?limit=3&cursor=${first.json.next}`);
    const ids = [...first.json.data, ...second.json.data].map(({ id }: { id: string }) => id);
    expect(ids).toEqual(["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"]);
    expect(second.json.next).toBeNull();
  });
});
