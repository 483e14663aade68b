import { contracts } from "@hooks/contracts/producer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../test-support/api.ts";

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(() => api.close());

describe("eventTypeRoutes", () => {
  it("lists every contract by name, page by page", async () => {
    const first = await api.call("GET", "/v1/event-types?limit=10");
    const second = await api.call("GET", `/v1/event-types?limit=100&cursor=${first.json.next}`);
    const listed = [...first.json.data, ...second.json.data].map(({ type }: { type: string }) => type);
    expect(listed).toEqual(Object.keys(contracts.eventTypes).toSorted());
    expect(Object.keys(first.json.data[0]).toSorted()).not.toContain("schema");
  });

  it.each(Object.keys(contracts.eventTypes))("gives examples of %s that can be published", async (type) => {
    const { json } = await api.call("GET", `/v1/event-types/${type}`);
    expect(json.schema).toEqual(contracts.eventTypes[type]!.schema);
    for (const data of json.examples)
      expect((await api.call("POST", "/v1/events", { json: { type, data } })).status).toBe(202);
  });

  it("gives the schema of every version", async () => {
    const { latest, versions } = contracts.eventTypes["invoice.paid"]!;
    for (const version of versions) {
      const { status, json } = await api.call("GET", `/v1/event-types/invoice.paid/versions/${version}`);
      expect(status).toBe(200);
      expect(json).toMatchObject({ type: "invoice.paid", version, isLatest: version === latest });
      expect(json.schema).toMatchObject({ type: "object" });
    }
  });

  it.each([
    ["/v1/event-types/no.such", "event_type_not_found"],
    ["/v1/event-types/__proto__", "event_type_not_found"],
    ["/v1/event-types/no.such/versions/1.0.0", "event_type_not_found"],
    ["/v1/event-types/user.created/versions/9.9.9", "version_not_found"],
  ])("has nothing at %s", async (path, code) => {
    const { status, json } = await api.call("GET", path);
    expect([status, json.code]).toEqual([404, code]);
  });
});
