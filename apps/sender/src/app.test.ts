import { createTemporaryFolder, type Sink, startSink, until } from "@hooks/testkit";
import { verify } from "@hooks/signing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ADMIN_KEY, startTestApi, type TestApi } from "./test-support/api.ts";

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

async function addEndpoint(url = `${sink.url}/hooks`) {
  const subscriber = await api.call("POST", "/v1/subscribers", { json: { name: "Acme" } });
  return api.call("POST", "/v1/endpoints", {
    json: { subscriber: subscriber.json.id, url, eventTypes: ["invoice.*"] },
  });
}

describe("createApp", () => {
  it("takes an event from its publish to a receiver that can verify it", async () => {
    const endpoint = await addEndpoint();
    const { json: type } = await api.call("GET", "/v1/event-types/invoice.paid");
    // The one without an e-mail address, which would not be shown.
    const [, data] = type.examples;
    const published = await api.call("POST", "/v1/events", {
      json: { type: "invoice.paid", data, subject: "inv_1" },
    });
    expect(published).toMatchObject({ status: 202, json: { deliveries: 1, duplicate: false } });

    const [received] = await sink.received(1);
    const verified = verify({
      headers: received!.headers,
      body: received!.body,
      keys: [endpoint.json.secret],
    });
    expect(verified.ok).toBe(true);
    const envelope = JSON.parse(received!.body.toString());
    expect(envelope).toMatchObject({
      id: published.json.id,
      type: "invoice.paid",
      sequence: 1,
      data,
    });

    const { json: event } = await api.call("GET", `/v1/events/${published.json.id}`);
    expect(event.envelope).toEqual(envelope);
    const delivery = await until(async () => {
      const { json } = await api.call("GET", `/v1/deliveries?event=${published.json.id}&state=delivered`);
      return json.data[0];
    });
    const { json: whole } = await api.call("GET", `/v1/deliveries/${delivery.id}`);
    expect(whole).toMatchObject({ state: "delivered", attemptCount: 1, endpoint: endpoint.json.id });
    expect(whole.attempts).toMatchObject([{ number: 1, outcome: "delivered", status: 200 }]);
    expect(new Date(whole.finishedAt).toISOString()).toBe(whole.finishedAt);
  });

  it("counts what happened, without naming anybody", async () => {
    const endpoint = await addEndpoint();
    await api.call("POST", `/v1/endpoints/${endpoint.json.id}/test`);
    await api.call("POST", "/v1/events", { json: { type: "nothing.known", data: {} } });
    const metrics = await until(async () => {
      const { text } = await api.call("GET", "/metrics");
      return text.includes('hooks_deliveries_total{state="delivered"} 1') && text;
    });
    expect(metrics).toContain('hooks_attempts_total{outcome="delivered"} 1');
    expect(metrics).toContain('hooks_published_events_total{result="accepted"} 1');
    expect(metrics).toContain('hooks_publish_refusals_total{code="unknown_event_type"} 1');
    expect(metrics).toContain('hooks_attempt_duration_seconds_bucket{le="+Inf"} 1');
    expect(metrics).toContain('{route="/v1/endpoints/{id}/test",method="POST",status="202"} 1');
    expect(metrics).not.toMatch(/ep_|sub_|evt_|dlv_/);
  });

  it("logs one wide line for each attempt, without payloads and secrets", async () => {
    const endpoint = await addEndpoint();
    await api.call("POST", `/v1/endpoints/${endpoint.json.id}/test`, { json: { type: "invoice.paid" } });
    const line = await until(() => api.log.find((one) => one.includes('"msg":"attempt"')));
    expect(JSON.parse(line)).toMatchObject({
      endpoint: endpoint.json.id,
      eventType: "invoice.paid",
      attempt: 1,
      outcome: "delivered",
      status: 200,
    });
    const everything = api.log.join("");
    expect(everything).not.toContain(endpoint.json.secret);
    expect(everything).not.toContain(ADMIN_KEY);
  });

  it.each(["/", "/nothing", "/v1/nothing", "/v1", "/v1/endpoints/", "/V1/endpoints"])(
    "has nothing at %s",
    async (path) => {
      const { status, json, headers } = await api.call("GET", path);
      expect([status, json.code]).toEqual([404, "not_found"]);
      expect(headers["x-powered-by"]).toBeUndefined();
    },
  );

  it("names the methods that a path has", async () => {
    const { status, json, headers } = await api.call("PUT", "/v1/endpoints/ep_1");
    expect([status, json.code, headers["allow"]]).toEqual([
      405,
      "method_not_allowed",
      "DELETE, GET, HEAD, PATCH",
    ]);
    expect((await api.call("OPTIONS", "/v1/events")).status).toBe(405);
    expect((await api.call("HEAD", "/v1/events")).status).toBe(200);
  });

  it("answers a problem with everything RFC 9457 asks for, and headers that keep browsers out", async () => {
    const { status, headers, json } = await api.call("GET", "/v1/endpoints/ep_nothing");
    expect(status).toBe(404);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(json).toEqual({
      type: "urn:hooks:problem:endpoint_not_found",
      title: "There is no such endpoint",
      status: 404,
      detail: "There is no such endpoint",
      code: "endpoint_not_found",
      requestId: headers["x-request-id"],
    });
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["cache-control"]).toBe("no-store");
  });

  it("refuses a path that cannot be decoded", async () => {
    const { status, json } = await api.call("GET", "/v1/endpoints/%E0%A4%A");
    expect([status, json.code]).toEqual([400, "invalid_request"]);
  });

  it("accepts nothing while the store is gone, and says so", async () => {
    await api.sender.stop();
    const event = { type: "user.created", data: {} };
    const { json: type } = await api.call("GET", "/v1/event-types/user.created");
    const answers = [
      await api.call("GET", "/readyz"),
      await api.call("POST", "/v1/events", { json: { ...event, data: type.examples[0] } }),
      await api.call("POST", "/v1/subscribers", { json: { name: "Acme" } }),
      await api.call("GET", "/v1/deliveries"),
    ];
    for (const { status, json, headers } of answers) {
      expect([status, json.code, headers["retry-after"]]).toEqual([503, "storage_unavailable", "5"]);
      expect(JSON.stringify(json)).not.toMatch(/sqlite|database|\.db/i);
    }
    expect((await api.call("GET", "/healthz")).status).toBe(200);
  });

  it("is not ready from the moment it is shutting down", async () => {
    expect((await api.call("GET", "/readyz")).status).toBe(200);
    api.leave();
    const { status, json } = await api.call("GET", "/readyz");
    expect([status, json.code]).toEqual([503, "shutting_down"]);
    expect((await api.call("GET", "/healthz")).status).toBe(200);
  });

  it("keeps everything over a restart, cursors and idempotency keys too", async () => {
    const folder = createTemporaryFolder();
    const first = await startTestApi({ folder: folder.path });
    const headers = { "idempotency-key": "once" };
    const made = await first.call("POST", "/v1/subscribers", { json: { name: "Acme" }, headers });
    await first.call("POST", "/v1/subscribers", { json: { name: "Umbrella" } });
    const page = await first.call("GET", "/v1/subscribers?limit=1");
    await first.close();
    const second = await startTestApi({ folder: folder.path });
    const again = await second.call("POST", "/v1/subscribers", { json: { name: "Acme" }, headers });
    expect(again.json).toEqual(made.json);
    const rest = await second.call("GET", `/v1/subscribers?limit=1&cursor=${page.json.next}`);
    expect(rest.json).toMatchObject({ data: [{ name: "Umbrella" }], next: null });
    await second.close();
    folder.remove();
  });
});
