import { type Sink, startSink, until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../test-support/api.ts";

let api: TestApi;
let sink: Sink;
let endpoint: { readonly id: string; readonly subscriber: string };

beforeEach(async () => {
  api = await startTestApi();
  sink = await startSink();
  endpoint = await addEndpoint();
});

afterEach(async () => {
  await api.close();
  await sink.close();
});

async function addEndpoint() {
  const { json: subscriber } = await api.call("POST", "/v1/subscribers", { json: { name: "Acme" } });
  const eventTypes = ["invoice.*", "user.*"];
  const json = { subscriber: subscriber.id, url: sink.url, schedule: [0], eventTypes };
  return (await api.call("POST", "/v1/endpoints", { json })).json;
}

const post = (path: string, json: unknown, key?: string) =>
  api.call("POST", path, { json, ...(key === undefined ? {} : { headers: { "idempotency-key": key } }) });

/** Sends examples that die at the endpoint. */
async function kill(types: readonly string[]): Promise<void> {
  sink.answerWith(() => ({ status: 500 }));
  for (const type of types) await post(`/v1/endpoints/${endpoint.id}/test`, { type });
  await until(async () => {
    const { json } = await api.call("GET", `/v1/dead-letters?endpoint=${endpoint.id}`);
    return json.data.length === types.length;
  });
  sink.answerWith(() => ({}));
}

describe("replayRoutes", () => {
  it("counts, replays, and tells how far it is", async () => {
    await kill(["invoice.paid", "user.created", "invoice.paid"]);
    const asked = { endpoint: endpoint.id, eventTypes: ["invoice.*"] };
    const dry = await post("/v1/replays", { ...asked, dryRun: true });
    expect([dry.status, dry.json]).toEqual([200, { count: 2, isCounted: true }]);
    const { length } = sink.requests;
    const made = await post("/v1/replays", asked, "once");
    expect(made).toMatchObject({
      status: 201,
      json: {
        endpoint: endpoint.id,
        subscriber: endpoint.subscriber,
        eventTypes: ["invoice.*"],
        states: ["dead"],
        state: "running",
        selected: 2,
      },
    });
    expect((await post("/v1/replays", asked, "once")).json.id).toBe(made.json.id);
    const done = await until(async () => {
      const { json } = await api.call("GET", `/v1/replays/${made.json.id}`);
      return json.state === "finished" && json;
    });
    expect(done).toMatchObject({ replayed: 2, skipped: 0, finishedAt: expect.stringMatching(/Z$/) });
    await sink.received(length + 2);
    const { json } = await api.call("GET", `/v1/replays?subscriber=${endpoint.subscriber}&state=finished`);
    expect(json).toEqual({ data: [done], next: null });
    for (const action of ["pause", "resume", "cancel"]) {
      const { status, json: problem } = await post(`/v1/replays/${made.json.id}/${action}`, {});
      expect([status, problem.code]).toEqual([409, "replay_over"]);
    }
  });

  it("pauses, resumes and cancels", async () => {
    // More than are sent again while the calls take their time, and fewer than open the breaker.
    await kill(Array<string>(9).fill("invoice.paid"));
    const { json } = await post("/v1/replays", { subscriber: endpoint.subscriber, perSecond: 1 });
    const act = async (action: string) => (await post(`/v1/replays/${json.id}/${action}`, {})).json.state;
    expect(await act("pause")).toBe("paused");
    expect(await act("resume")).toBe("running");
    expect(await act("cancel")).toBe("cancelled");
  });

  it("recovers an endpoint since a time", async () => {
    const since = new Date(Date.now() - 60_000).toISOString();
    await kill(["invoice.paid"]);
    const made = await post(`/v1/endpoints/${endpoint.id}/recover`, { since, perSecond: 100 });
    expect(made).toMatchObject({
      status: 201,
      json: {
        endpoint: endpoint.id,
        states: ["dead", "cancelled"],
        from: since,
        selected: 1,
        perSecond: 100,
      },
    });
    await until(async () => (await api.call("GET", `/v1/replays/${made.json.id}`)).json.state === "finished");
  });

  it.each([
    [{}, 400, "validation_failed", "/endpoint"],
    [{ everything: true }, 400, "unknown_field", "/everything"],
    [{ from: "yesterday" }, 400, "validation_failed", "/from"],
    [{ from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }, 400, "validation_failed", "/to"],
    [{ from: "9999-12-31T23:59:59Z" }, 400, "validation_failed", "/from"],
    [{ to: 5 }, 400, "validation_failed", "/to"],
    [{ perSecond: 0 }, 400, "validation_failed", "/perSecond"],
    [{ perSecond: -1 }, 400, "validation_failed", "/perSecond"],
    [{ perSecond: 1e308 }, 400, "validation_failed", "/perSecond"],
    [{ perSecond: "10" }, 400, "validation_failed", "/perSecond"],
    [{ states: [] }, 400, "validation_failed", "/states"],
    [{ states: ["scheduled"] }, 400, "validation_failed", "/states/0"],
    [{ states: ["dead", "dead"] }, 400, "validation_failed", "/states"],
    [{ states: "dead" }, 400, "validation_failed", "/states"],
    [{ eventTypes: ["no.such"] }, 422, "unknown_event_type", "/eventTypes/0"],
    [
      { eventTypes: Array.from({ length: 101 }, () => "invoice.paid") },
      400,
      "validation_failed",
      "/eventTypes",
    ],
    [{ endpoint: "ep_none" }, 404, "endpoint_not_found", "/endpoint"],
    [{ endpoint: "x".repeat(65) }, 400, "validation_failed", "/endpoint"],
    [{ subscriber: "sub_none" }, 404, "subscriber_not_found", "/subscriber"],
    [{ dryRun: "yes" }, 400, "validation_failed", "/dryRun"],
  ])("refuses %j", async (input, ...[status, code, pointer]) => {
    const isWhere = ["endpoint", "subscriber"].some((name) => Object.hasOwn(input, name));
    const asked = {
      ...(isWhere || Object.keys(input).length === 0 ? {} : { endpoint: endpoint.id }),
      ...input,
    };
    const { status: found, json } = await post("/v1/replays", asked);
    expect([found, json.code, json.errors[0].pointer]).toEqual([status, code, pointer]);
    expect((await api.call("GET", "/v1/replays")).json.data).toEqual([]);
  });

  it("knows no endpoint of another subscriber, and no replay that does not exist", async () => {
    const other = await addEndpoint();
    const foreign = await post("/v1/replays", { endpoint: endpoint.id, subscriber: other.subscriber });
    expect([foreign.status, foreign.json.code]).toEqual([404, "endpoint_not_found"]);
    const answers = [
      await api.call("GET", "/v1/replays/rpl_none"),
      await post("/v1/replays/rpl_none/cancel", {}),
      await post(`/v1/replays/${endpoint.id}/pause`, {}),
    ];
    for (const { status, json } of answers) expect([status, json.code]).toEqual([404, "replay_not_found"]);
  });

  it.each([
    [{}, "validation_failed"],
    [{ since: "never" }, "validation_failed"],
    [{ since: "2999-01-01T00:00:00Z" }, "validation_failed"],
    [{ since: "2026-01-01T00:00:00Z", states: ["delivered"] }, "unknown_field"],
    [{ since: "2026-01-01T00:00:00Z", perSecond: 0 }, "validation_failed"],
  ])("does not recover with %j", async (input, code) => {
    const { status, json } = await post(`/v1/endpoints/${endpoint.id}/recover`, input);
    expect([status, json.code]).toEqual([400, code]);
    const missing = await post("/v1/endpoints/ep_none/recover", { since: "2026-01-01T00:00:00Z" });
    expect([missing.status, missing.json.code]).toEqual([404, "endpoint_not_found"]);
  });

  it("takes no cursor of another list and no state that there is not", async () => {
    for (const _ of [1, 2]) await post("/v1/replays", { endpoint: endpoint.id });
    const { json } = await api.call("GET", "/v1/replays?limit=1");
    const second = await api.call("GET", `/v1/replays?limit=1&cursor=${json.next}`);
    expect(second.json).toMatchObject({ data: [{ endpoint: endpoint.id }], next: null });
    for (const path of ["/v1/dead-letters", "/v1/replays?state=running"]) {
      const foreign = await api.call("GET", `${path}${path.includes("?") ? "&" : "?"}cursor=${json.next}`);
      expect([foreign.status, foreign.json.code]).toEqual([400, "invalid_cursor"]);
    }
    const wrong = await api.call("GET", "/v1/replays?state=done");
    expect([wrong.status, wrong.json.code]).toEqual([400, "invalid_query"]);
  });
});
