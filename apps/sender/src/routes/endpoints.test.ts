import { generateKeyPairSync } from "node:crypto";
import { generateSecret, verify } from "@hooks/signing";
import { makeCertificate, type Sink, startSink, until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../test-support/api.ts";

let api: TestApi;
let sink: Sink;
let subscriber: string;

beforeEach(async () => {
  api = await startTestApi();
  sink = await startSink();
  subscriber = (await api.call("POST", "/v1/subscribers", { json: { name: "Acme" } })).json.id;
});

afterEach(async () => {
  await api.close();
  await sink.close();
});

const add = (json: object = {}, headers: Record<string, string> = {}) =>
  api.call("POST", "/v1/endpoints", { json: { subscriber, url: sink.url, ...json }, headers });

describe("endpointRoutes", () => {
  it("shows the secret when it is made, and never again", async () => {
    const made = await add({ description: "d", headers: { "X-Tenant": "t" }, schedule: "5s, 1m" });
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"' } });
    expect(made.json.secret).toMatch(/^whsec_/);
    expect(made.json).toMatchObject({ headers: { "x-tenant": "t" }, schedule: [0, 5_000, 60_000] });
    const one = await api.call("GET", `/v1/endpoints/${made.json.id}`);
    const all = await api.call("GET", `/v1/endpoints?subscriber=${subscriber}`);
    const patched = await api.call("PATCH", `/v1/endpoints/${made.json.id}`, { json: { description: "e" } });
    expect(all.json.data).toEqual([one.json]);
    for (const { text } of [one, all, patched]) expect(text).not.toContain("whsec_");
    expect(one.json).toMatchObject({ state: "active", revision: 1, eventTypes: [] });
  });

  it("says how it is doing", async () => {
    sink.script([{ status: 500 }]);
    const { json } = await add({ eventTypes: ["invoice.*"], schedule: "1h" });
    const stats = async () => (await api.call("GET", `/v1/endpoints/${json.id}/stats`)).json;
    const nothing = { count: 0, isCounted: true };
    expect(await stats()).toEqual({
      health: { breaker: "closed", attemptsSinceSuccess: 0 },
      scheduled: nothing,
      dead: nothing,
    });
    await api.call("POST", `/v1/endpoints/${json.id}/test`);
    const failing = await until(async () => {
      const now = await stats();
      return now.health.attemptsSinceSuccess === 1 && now;
    });
    expect(failing.health.failingSince).toMatch(/Z$/);
    expect(failing.scheduled.count).toBe(1);
    const none = await api.call("GET", "/v1/endpoints/ep_none/stats");
    expect([none.status, none.json.code]).toEqual([404, "endpoint_not_found"]);
  });

  it("takes a secret that is brought, and shows the same endpoint to a repetition", async () => {
    const secret = generateSecret();
    const key = { "idempotency-key": "k" };
    const made = await add({ secret }, key);
    expect(made.json.secret).toBe(secret);
    expect((await add({ secret }, key)).json).toEqual(made.json);
    expect((await add({ secret, description: "other" }, key)).json.code).toBe("idempotency_conflict");
  });

  it.each([
    [{ url: "nothing" }, 422, "invalid_url"],
    [{ url: "ftp://example.com" }, 422, "invalid_url_scheme"],
    [{ url: "https://a:b@example.com" }, 422, "url_credentials_not_allowed"],
    [{ url: "https://example.com:22" }, 422, "blocked_port"],
    [{ url: "https://169.254.169.254/" }, 422, "blocked_address"],
    [{ url: 1 }, 400, "validation_failed"],
    [{ headers: { host: "x" } }, 422, "forbidden_header"],
    [{ headers: { "x-a": "b\r\nc: d" } }, 422, "invalid_header"],
    [{ headers: { "x-a": 1 } }, 400, "validation_failed"],
    [{ secret: "whsec_short" }, 422, "invalid_secret"],
    [{ eventTypes: ["nothing.known"] }, 422, "unknown_event_type"],
    [{ eventTypes: ["Not A Type"] }, 400, "validation_failed"],
    [{ eventTypes: "invoice.paid" }, 400, "validation_failed"],
    [{ versions: { "nothing.known": "1" } }, 422, "unknown_event_type"],
    [{ versions: { "invoice.paid": "9" } }, 422, "unknown_version"],
    [{ versions: { "invoice.paid": 1 } }, 400, "validation_failed"],
    [{ featureFlags: ["Not A Flag"] }, 400, "validation_failed"],
    [{ schedule: [] }, 400, "validation_failed"],
    [{ ordering: "random" }, 400, "validation_failed"],
    [{ rateLimit: { perSecond: 0, burst: 1 } }, 400, "validation_failed"],
    [{ rateLimit: { perSecond: 1, burst: 0.5 } }, 400, "validation_failed"],
    [{ rateLimit: { perSecond: 1 } }, 400, "validation_failed"],
    [{ rateLimit: null }, 400, "validation_failed"],
    [{ schedule: "soon" }, 400, "validation_failed"],
    [{ subscriber: "sub_none" }, 404, "subscriber_not_found"],
    [{ state: "active" }, 400, "unknown_field"],
  ])("refuses %j", async (json, status, code) => {
    const answer = await add(json);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect(answer.text).not.toContain("whsec_short");
  });

  it("pins the newest majors, and raises or lowers one by one", async () => {
    const { json } = await add({ eventTypes: ["invoice.*"] });
    expect(json).toMatchObject({
      versions: { "invoice.paid": "2", "invoice.payment_failed": "1" },
      featureFlags: [],
    });
    const path = `/v1/endpoints/${json.id}`;
    const change = { versions: { "invoice.paid": "1" }, featureFlags: ["beta-lines"] };
    const lowered = await api.call("PATCH", path, { json: change, headers: { "if-match": '"1"' } });
    expect(lowered.json.versions).toEqual({ "invoice.paid": "1", "invoice.payment_failed": "1" });
    const stale = await api.call("PATCH", path, { json: change, headers: { "if-match": '"1"' } });
    expect(stale.status).toBe(412);
    const test = await api.call("POST", `${path}/test`, { json: { type: "invoice.paid" } });
    const [request] = await sink.received(1);
    expect(request!.headers["webhook-version"]).toBe("1.1.0");
    expect(JSON.parse(request!.body.toString())).toMatchObject({ id: test.json.id, version: "1.1.0" });
    const { json: deliveries } = await api.call("GET", `/v1/deliveries?event=${test.json.id}`);
    expect(deliveries.data).toMatchObject([{ version: "1.1.0" }]);
    expect((await api.call("GET", path)).json).toEqual(lowered.json);
  });

  it("points at a subscriber that there is not", async () => {
    const { json } = await add({ subscriber: "sub_none" });
    expect(json.errors).toMatchObject([{ pointer: "/subscriber", code: "subscriber_not_found" }]);
  });

  it("goes back to the default schedule on null, when it is changed and not when it is made", async () => {
    const { json } = await add({ schedule: "5s, 1m" });
    const patched = await api.call("PATCH", `/v1/endpoints/${json.id}`, { json: { schedule: null } });
    expect(patched.status).toBe(200);
    expect(patched.json).not.toHaveProperty("schedule");
    expect((await add({ schedule: null })).json.errors).toMatchObject([{ pointer: "/schedule" }]);
  });

  it("orders events where it is asked for", async () => {
    const { json } = await add();
    expect(json.ordering).toBe("none");
    const patched = await api.call("PATCH", `/v1/endpoints/${json.id}`, { json: { ordering: "subject" } });
    expect(patched).toMatchObject({ status: 200, json: { ordering: "subject" } });
  });

  it("limits the rate, and lifts the limit on null", async () => {
    const rateLimit = { perSecond: 0.5, burst: 3 };
    const { json } = await add({ rateLimit });
    expect(json.rateLimit).toEqual(rateLimit);
    const patched = await api.call("PATCH", `/v1/endpoints/${json.id}`, { json: { rateLimit: null } });
    expect(patched.status).toBe(200);
    expect(patched.json).not.toHaveProperty("rateLimit");
  });

  it("takes a client certificate, never shows its key, and drops it on null", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    const certificate = makeCertificate({ key: privateKey, commonName: "hooks" });
    const made = await add({ clientCertificate: { certificate, key } });
    expect(made.json.clientCertificate).toEqual({ certificate });
    const path = `/v1/endpoints/${made.json.id}`;
    const one = await api.call("GET", path);
    for (const { text } of [made, one]) expect(text).not.toContain("PRIVATE KEY");
    const bad = await add({ clientCertificate: { certificate, key: `${key}x`.replace("M", "N") } });
    expect(bad).toMatchObject({ status: 400, json: { code: "validation_failed" } });
    expect(bad.text).not.toContain("PRIVATE KEY");
    const patched = await api.call("PATCH", path, { json: { clientCertificate: null } });
    expect(patched.status).toBe(200);
    expect(patched.json).not.toHaveProperty("clientCertificate");
  });

  it("changes an endpoint only as long as nobody else has, if that is asked for", async () => {
    const { json } = await add();
    const patch = (description: string, headers = {}) =>
      api.call("PATCH", `/v1/endpoints/${json.id}`, { json: { description }, headers });
    expect(await patch("a", { "if-match": '"1"' })).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    for (const stale of ['"1"', "2", 'W/"2"', "nonsense", ""]) {
      const answer = await patch("b", { "if-match": stale });
      expect([answer.status, answer.json.code]).toEqual([412, "version_conflict"]);
    }
    expect((await patch("c", { "if-match": '"7", "2"' })).status).toBe(200);
    expect((await patch("d", { "if-match": "*" })).json.description).toBe("d");
    expect((await patch("e")).json.revision).toBe(5);
  });

  it("lets one of two changes at the same moment win", async () => {
    const { json } = await add();
    const patch = (description: string) =>
      api.call("PATCH", `/v1/endpoints/${json.id}`, {
        json: { description },
        headers: { "if-match": '"1"' },
      });
    const answers = await Promise.all([patch("a"), patch("b"), patch("c")]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412]);
  });

  it("removes an endpoint", async () => {
    const { json } = await add();
    const gone = await api.call("DELETE", `/v1/endpoints/${json.id}`);
    expect([gone.status, gone.text]).toEqual([204, ""]);
    for (const method of ["GET", "DELETE"]) {
      const answer = await api.call(method, `/v1/endpoints/${json.id}`);
      expect([answer.status, answer.json.code]).toEqual([404, "endpoint_not_found"]);
    }
  });
});

describe("endpointActionRoutes", () => {
  it.each([
    ["pause", "paused", "resume"],
    ["disable", "disabled", "enable"],
  ])("holds deliveries after %s, and delivers them later", async (hold, state, release) => {
    const { json } = await add();
    const held = await api.call("POST", `/v1/endpoints/${json.id}/${hold}`);
    expect(held).toMatchObject({ status: 200, json: { state }, headers: { etag: '"2"' } });
    const test = await api.call("POST", `/v1/endpoints/${json.id}/test`, { json: {} });
    expect(test).toMatchObject({ status: 202, json: { deliveries: 1 } });
    const { json: waiting } = await api.call("GET", `/v1/deliveries?event=${test.json.id}`);
    expect(waiting.data).toMatchObject([{ state: "scheduled", attemptCount: 0 }]);
    expect((await api.call("POST", `/v1/endpoints/${json.id}/${release}`)).json.state).toBe("active");
    await sink.received(1);
  });

  it("signs with the old secret too after a rotation", async () => {
    const { json: made } = await add();
    const path = `/v1/endpoints/${made.id}/secret/rotate`;
    const { json: rotated } = await api.call("POST", path, { json: { overlapSeconds: 600 } });
    expect(rotated.secret).not.toBe(made.secret);
    expect(rotated.secrets).toHaveLength(2);
    const type = { type: "user.created" };
    await api.call("POST", `/v1/endpoints/${made.id}/test`, { json: type });
    const [request] = await sink.received(1);
    for (const secret of [made.secret, rotated.secret])
      expect(verify({ headers: request!.headers, body: request!.body, keys: [secret] }).ok).toBe(true);
    const refused = await api.call("POST", path, { json: { secret: "nothing" } });
    expect([refused.status, refused.json.code]).toEqual([422, "invalid_secret"]);
  });

  it.each(["test", "secret/rotate"])("refuses an Idempotency-Key on %s", async (action) => {
    const { json } = await add();
    const headers = { "idempotency-key": "k" };
    const answer = await api.call("POST", `/v1/endpoints/${json.id}/${action}`, { headers });
    expect([answer.status, answer.json.code]).toEqual([400, "invalid_idempotency_key"]);
    expect((await api.call("GET", `/v1/endpoints/${json.id}`)).json.revision).toBe(1);
  });

  it("tells a number that is out of range", async () => {
    const { json } = await add();
    const path = `/v1/endpoints/${json.id}/secret/rotate`;
    const { json: refused } = await api.call("POST", path, { json: { overlapSeconds: 604_801 } });
    expect(refused.errors).toMatchObject([{ pointer: "/overlapSeconds", received: "604801" }]);
  });

  it("refuses a test of a type without contract, and any action on what is not there", async () => {
    const { json } = await add();
    const test = await api.call("POST", `/v1/endpoints/${json.id}/test`, { json: { type: "no.such" } });
    expect([test.status, test.json.code]).toEqual([422, "unknown_event_type"]);
    for (const action of ["enable", "disable", "pause", "resume", "test", "secret/rotate"]) {
      const answer = await api.call("POST", `/v1/endpoints/ep_none/${action}`);
      expect([answer.status, answer.json.code]).toEqual([404, "endpoint_not_found"]);
    }
    const body = await api.call("POST", `/v1/endpoints/${json.id}/pause`, { json: { forMinutes: 5 } });
    expect(body.json.code).toBe("unknown_field");
  });
});
