import { type Sink, startSink, until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../test-support/api.ts";

let api: TestApi;
let sink: Sink;
let endpoint: string;

beforeEach(async () => {
  api = await startTestApi();
  sink = await startSink();
  const subscriber = await api.call("POST", "/v1/subscribers", { json: { name: "Acme" } });
  const made = await api.call("POST", "/v1/endpoints", {
    json: { subscriber: subscriber.json.id, url: sink.url, schedule: [0] },
  });
  endpoint = made.json.id;
});

afterEach(async () => {
  await api.close();
  await sink.close();
});

const act = (path: string) => api.call("POST", path);

async function deliver(state: string) {
  const { json } = await act(`/v1/endpoints/${endpoint}/test`);
  return until(async () => {
    const found = await api.call(
      "GET",
      `/v1/deliveries?event=${json.id}&endpoint=${endpoint}&state=${state}`,
    );
    return found.json.data[0];
  });
}

describe("deliveryRoutes", () => {
  it("retries a dead letter until it is delivered", async () => {
    sink.script([{ status: 500, body: "sorry" }, {}]);
    const dead = await deliver("dead");
    const letters = await api.call("GET", `/v1/dead-letters?endpoint=${endpoint}`);
    expect(letters.json.data).toEqual([dead]);
    const retried = await act(`/v1/deliveries/${dead.id}/retry`);
    expect(retried).toMatchObject({ status: 200, json: { state: "scheduled" } });
    const whole = await until(async () => {
      const { json } = await api.call("GET", `/v1/deliveries/${dead.id}`);
      return json.state === "delivered" && json;
    });
    expect(whole.attempts).toMatchObject([
      { number: 1, outcome: "http_status", status: 500, response: "sorry" },
      { number: 2, outcome: "delivered" },
    ]);
    expect((await api.call("GET", "/v1/dead-letters")).json.data).toEqual([]);
  });

  it("cancels what is scheduled, and neither cancels nor retries what has ended", async () => {
    await act(`/v1/endpoints/${endpoint}/pause`);
    const waiting = await deliver("scheduled");
    expect(waiting.dueAt).toMatch(/Z$/);
    const cancelled = await act(`/v1/deliveries/${waiting.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, json: { state: "cancelled", reason: "cancelled" } });
    for (const action of ["cancel", "retry"]) {
      const { status, json } = await act(`/v1/deliveries/${waiting.id}/${action}`);
      expect([status, json.code]).toEqual([409, "not_retryable"]);
    }
  });

  it("knows no delivery that does not exist", async () => {
    const answers = [
      await api.call("GET", "/v1/deliveries/dlv_none"),
      await act("/v1/deliveries/dlv_none/retry"),
      await act("/v1/deliveries/dlv_none/cancel"),
    ];
    for (const { status, json } of answers) expect([status, json.code]).toEqual([404, "delivery_not_found"]);
  });

  it("refuses a state that there is not", async () => {
    const { status, json } = await api.call("GET", "/v1/deliveries?state=sending");
    expect([status, json.code]).toEqual([400, "invalid_query"]);
  });
});
