import { type Sink, startSink, until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../test-support/api.ts";

let api: TestApi;
let sink: Sink;

beforeEach(async () => {
  api = await startTestApi();
  sink = await startSink();
});

afterEach(async () => {
  await api.close();
  await sink.close();
});

async function addEndpoint(schedule = [0]): Promise<{ readonly id: string; readonly subscriber: string }> {
  const { json: subscriber } = await api.call("POST", "/v1/subscribers", { json: { name: "Acme" } });
  // Not what is told of its dead letters, which would die too.
  const eventTypes = ["invoice.*", "user.*"];
  const json = { subscriber: subscriber.id, url: sink.url, schedule, eventTypes };
  return (await api.call("POST", "/v1/endpoints", { json })).json;
}

/** Sends an example that dies at the endpoint. */
async function kill(endpoint: string, type?: string): Promise<string> {
  sink.script([{ status: 500, body: "sorry" }]);
  const json = type === undefined ? {} : { type };
  const { json: published } = await api.call("POST", `/v1/endpoints/${endpoint}/test`, { json });
  return until(async () => {
    const found = await list(`event=${published.id}`);
    return found[0];
  });
}

async function list(query: string): Promise<readonly string[]> {
  const { json } = await api.call("GET", `/v1/dead-letters?${query}`);
  return json.data.map(({ id }: { id: string }) => id);
}

describe("deadLetterRoutes", () => {
  it("lists dead letters by endpoint, subscriber, type and time, page by page", async () => {
    const [one, two] = [await addEndpoint(), await addEndpoint()];
    const first = await kill(one.id, "invoice.paid");
    const second = await kill(one.id, "user.created");
    const third = await kill(two.id, "invoice.paid");
    expect(await list("")).toEqual([third, second, first]);
    expect(await list(`endpoint=${one.id}`)).toEqual([second, first]);
    expect(await list(`subscriber=${two.subscriber}`)).toEqual([third]);
    expect(await list(`subscriber=${two.subscriber}&endpoint=${one.id}`)).toEqual([]);
    expect(await list("type=invoice.paid")).toEqual([third, first]);
    expect(await list("from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")).toEqual([]);
    expect(await list("from=2020-01-01T00:00:00Z&type=user.created")).toEqual([second]);
    const page = (await api.call("GET", "/v1/dead-letters?limit=2")).json;
    expect(page.data).toHaveLength(2);
    expect(await list(`limit=2&cursor=${page.next}`)).toEqual([first]);
    const foreign = await api.call("GET", `/v1/deliveries?limit=2&cursor=${page.next}`);
    expect([foreign.status, foreign.json.code]).toEqual([400, "invalid_cursor"]);
  });

  it("shows one with its attempts and what it sent, and retries it", async () => {
    const { id: endpoint } = await addEndpoint();
    const id = await kill(endpoint, "invoice.paid");
    const { json } = await api.call("GET", `/v1/dead-letters/${id}`);
    expect(json).toMatchObject({
      id,
      state: "dead",
      reason: "schedule_exhausted",
      attempts: [{ number: 1, outcome: "http_status", status: 500, response: "sorry" }],
      lastOutcome: "http_status",
      envelope: { id: json.event, type: "invoice.paid", version: json.version },
    });
    sink.script([{}]);
    const retried = await api.call("POST", `/v1/dead-letters/${id}/retry`);
    expect(retried).toMatchObject({ status: 200, json: { id, state: "scheduled" } });
    await until(async () => (await api.call("GET", `/v1/deliveries/${id}`)).json.state === "delivered");
    const shown = await api.call("GET", `/v1/dead-letters/${id}`);
    expect([shown.status, shown.json.code]).toEqual([404, "dead_letter_not_found"]);
    const again = await api.call("POST", `/v1/dead-letters/${id}/retry`);
    expect([again.status, again.json.code]).toEqual([409, "not_retryable"]);
  });

  it("knows none that does not exist", async () => {
    for (const [method, path] of [
      ["GET", "/v1/dead-letters/dlv_none"],
      ["POST", "/v1/dead-letters/dlv_none/retry"],
      ["POST", "/v1/dead-letters/%00/retry"],
    ] as const) {
      const { status, json } = await api.call(method, path);
      expect([status, json.code]).toEqual([404, "dead_letter_not_found"]);
    }
  });

  it.each([
    "from=yesterday",
    "from=2026-02-30T00:00:00Z",
    "from=1969-12-31T23:59:59Z",
    "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    "from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
    "from=2026-01-01T00:00:00Z&from=2026-01-02T00:00:00Z",
    `endpoint=${"x".repeat(65)}`,
    "type[]=invoice.paid",
    "state=delivered",
    "limit=0",
    "limit=999999999999",
  ])("refuses the query %s", async (query) => {
    const { status, json } = await api.call("GET", `/v1/dead-letters?${query}`);
    expect([status, json.code]).toEqual([400, "invalid_query"]);
  });
});
