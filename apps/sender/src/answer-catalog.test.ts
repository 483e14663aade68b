import { contracts } from "@hooks/contracts/producer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestAnswer, type TestApi } from "./test-support/api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** As a browser asks: without an API key. */
function get(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
): Promise<TestAnswer> {
  return api.call(method, path, { headers: { authorization: undefined, ...headers } });
}

describe("/catalog", () => {
  it("leads to the root of the site, where relative links start", async () => {
    const answer = await get("/catalog");
    expect(answer).toMatchObject({ status: 308, headers: { location: "catalog/" } });
  });

  it("shows every event type to anybody, under a strict policy", async () => {
    const { status, headers, text } = await get("/catalog/");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toContain("default-src 'self'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    for (const type of Object.keys(contracts.eventTypes)) expect(text).toContain(`events/${type}.html`);
    expect(text).toContain("@hooks/contracts");
  });

  it.each([
    ["events/invoice.paid.html", "text/html; charset=utf-8"],
    ["events/invoice.paid@1.0.0.html", "text/html; charset=utf-8"],
    ["events/invoice.paid.html.md", "text/markdown; charset=utf-8"],
    ["assets/site.css", "text/css; charset=utf-8"],
    ["assets/site.js", "text/javascript; charset=utf-8"],
    ["assets/icon.svg", "image/svg+xml"],
    ["llms.txt", "text/plain; charset=utf-8"],
    ["openapi.json", "application/json"],
    ["schemas/invoice.paid/1.1.0.json", "application/json"],
  ])("serves %s as %s", async (path, type) => {
    const answer = await get(`/catalog/${path}?any=query`);
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": type } });
    expect(answer.text).not.toBe("");
  });

  it("answers 304 to who has the page already", async () => {
    const { headers } = await get("/catalog/");
    const etag = String(headers.etag);
    expect(await get("/catalog/", { "if-none-match": `"other", W/${etag}` })).toMatchObject({
      status: 304,
      text: "",
    });
    expect(await get("/catalog/", { "if-none-match": '"other"' })).toMatchObject({ status: 200 });
    expect((await get("/catalog/llms.txt")).headers.etag).not.toBe(etag);
  });

  it("answers HEAD without a body, and no other method", async () => {
    const { text } = await get("/catalog/");
    const head = await get("/catalog/", {}, "HEAD");
    expect(head).toMatchObject({ status: 200, text: "" });
    expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(text)));
    const post = await get("/catalog/", {}, "POST");
    expect(post).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  });

  it.each([
    "/catalog/../package.json",
    "/catalog/%2e%2e/package.json",
    "/catalog/..%2f..%2fpackage.json",
    "/catalog//etc/passwd",
    "/catalog/%00",
    "/catalog/%",
    "/catalog/%E0%A4%A",
    "/catalog/constructor",
    "/catalog/events/",
    "/catalogue",
    "/Catalog/",
  ])("finds nothing at %s", async (path) => {
    expect(await get(path)).toMatchObject({ status: 404, json: { code: "not_found" } });
  });

  it("counts its requests under one name", async () => {
    await get("/catalog/nothing-here");
    const { text } = await get("/metrics");
    expect(text).toContain('{route="/catalog",method="GET",status="404"}');
    expect(text).not.toContain("nothing-here");
  });
});

describe("/v1/asyncapi.json", () => {
  it("describes the events of the contracts the sender runs with, to who has a key", async () => {
    const { status, json } = await api.call("GET", "/v1/asyncapi.json");
    expect(status).toBe(200);
    expect(Object.keys(json.channels)).toEqual(Object.keys(contracts.eventTypes).toSorted());
    expect(await get("/v1/asyncapi.json")).toMatchObject({ status: 401 });
  });
});
