import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "./test-support/api.ts";

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(() => api.close());

const WRONG = { authorization: "Bearer wrong" };

describe("createAuth", () => {
  it.each([undefined, "", "Bearer", "Bearer ", "Basic dGVzdA==", "Bearer wrong", "Bearer a b"])(
    "refuses Authorization: %s",
    async (authorization) => {
      const { status, json, headers } = await api.call("GET", "/v1/events", { headers: { authorization } });
      expect([status, json.code]).toEqual([401, "unauthorized"]);
      expect(headers["www-authenticate"]).toBe('Bearer realm="hooks"');
    },
  );

  it("is asked for on everything under /v1, and before anything is said about it", async () => {
    for (const path of ["/v1/openapi.json", "/v1/nothing", "/v1/endpoints/ep_1"])
      expect((await api.call("GET", path, { headers: WRONG })).status).toBe(401);
    const unread = await api.call("POST", "/v1/events", { headers: WRONG, bytes: "{" });
    expect(unread.status).toBe(401);
  });

  it("slows down wrong keys after ten in a minute from an address, but never the right one", async () => {
    for (let count = 0; count < 10; count += 1)
      expect((await api.call("GET", "/v1/events", { headers: WRONG })).status).toBe(401);
    const { status, json, headers } = await api.call("GET", "/v1/events", { headers: WRONG });
    expect([status, json.code]).toEqual([429, "rate_limited"]);
    expect(Number(headers["retry-after"])).toBeGreaterThan(50);
    expect((await api.call("GET", "/v1/events")).status).toBe(200);
  });
});
