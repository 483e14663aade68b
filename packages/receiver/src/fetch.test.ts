import { Hono } from "hono";
import { compress } from "hono/compress";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFetchHandler } from "./fetch.ts";
import { anyBytes, maxBodyBytes, mount, type Mounted, signed } from "./test-support/mounted.ts";

let mounted: Mounted;
beforeEach(() => {
  mounted = mount();
});
afterEach(() => mounted.close());

const request = (body: Buffer<ArrayBuffer> = anyBytes, init: RequestInit & { duplex?: "half" } = {}) =>
  new Request("https://host/api/webhooks/billing?x=1", {
    method: "POST",
    body,
    headers: signed(body),
    ...init,
  });
const outcome = () => mounted.reports.findLast((report) => report.kind === "request");

const receive = async () =>
  ({ kind: "accepted", requestId: "r", id: "e", acknowledge: { status: 204 } }) as const;

describe("createFetchHandler", () => {
  it("receives a Request and gives a Response", async () => {
    const handle = createFetchHandler(mounted.receiver, { remoteAddress: () => "192.0.2.7" });
    const response = await handle(request());
    expect([response.status, response.headers.get("content-type")]).toEqual([202, "application/json"]);
    expect((await mounted.stored())?.equals(anyBytes)).toBe(true);
    expect(outcome()).toMatchObject({ remoteAddress: "192.0.2.7" });
    expect((await handle(request(Buffer.alloc(maxBodyBytes)))).status).toBe(202);
    expect((await handle(request(Buffer.alloc(maxBodyBytes + 1)))).status).toBe(413);
    expect((await handle(request(Buffer.alloc(0)))).status).toBe(202);
    for (const method of ["GET", "HEAD", "PUT", "OPTIONS"])
      expect((await handle(new Request("http://host/billing", { method }))).status).toBe(405);
    expect((await handle(new Request("http://host/", { method: "POST" }))).status).toBe(404);
    expect((await handle(new Request("http://host/billing", { method: "POST" }))).status).toBe(401);
  });

  it("joins the pieces of a body, and leaves a stream that is too long", async () => {
    const handle = createFetchHandler(mounted.receiver);
    const body = Buffer.alloc(maxBodyBytes, "é");
    let [pulled, cancelled] = [0, false];
    const pieces = (length: number) =>
      new ReadableStream({
        pull: (controller) => {
          if (pulled >= length) return controller.close();
          controller.enqueue(body.subarray(pulled % body.length, (pulled += 7) % body.length || undefined));
        },
        cancel: () => {
          cancelled = true;
        },
      });
    const streamed = (length: number) =>
      request(anyBytes, { body: pieces(length), headers: signed(body), duplex: "half" });
    expect((await handle(streamed(7))).status).toBe(401);
    pulled = 0;
    const whole = body.subarray(0, 700);
    const options = { body: pieces(700), headers: signed(whole), duplex: "half" } as const;
    expect((await handle(request(anyBytes, options))).status).toBe(202);
    expect((await mounted.stored())?.equals(whole)).toBe(true);
    pulled = 0;
    expect((await handle(streamed(Infinity))).status).toBe(413);
    expect(cancelled).toBe(true);
  });

  it("answers without a body what has none", async () => {
    const response = await createFetchHandler({ receive })(request());
    expect([response.status, response.body]).toEqual([204, null]);
  });

  it("answers 500 when the body was read before, and says how to put it right", async () => {
    const used = request();
    await used.arrayBuffer();
    expect((await createFetchHandler(mounted.receiver)(used)).status).toBe(500);
    expect(outcome()).toMatchObject({
      outcome: "body_already_parsed",
      hint: expect.stringContaining("context.req.raw"),
    });
  });

  it("answers although the client has gone", async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error("gone")) });
    const options = { body: broken, headers: signed(anyBytes), duplex: "half" } as const;
    expect((await createFetchHandler(mounted.receiver)(request(anyBytes, options))).status).toBe(400);
    const abort = new AbortController();
    const aborted = request(anyBytes, { signal: abort.signal });
    abort.abort();
    expect((await createFetchHandler(mounted.receiver)(aborted)).status).toBeLessThan(500);
  });

  it("mounts in Hono, below a path and behind compression", async () => {
    const handle = createFetchHandler(mounted.receiver);
    const hooks = new Hono().post("/webhooks/:source", ({ req }) => handle(req.raw));
    const app = new Hono().use(compress()).route("/api", hooks);
    const response = await app.fetch(request());
    expect([response.status, await response.json()]).toMatchObject([202, { duplicate: false }]);
    expect((await mounted.stored())?.equals(anyBytes)).toBe(true);
    expect((await app.request("/api/webhooks/nobody", { method: "POST" })).status).toBe(404);
  });

  it("is a route handler of Next.js, with its own source", async () => {
    /** As Next.js 15 and later calls the export of `app/api/hooks/route.ts`. */
    type RouteHandler = (
      request: Request,
      context: { readonly params: Promise<Record<string, string>> },
    ) => Response | Promise<Response>;
    const POST: RouteHandler = createFetchHandler(mounted.receiver, { source: "billing" });
    const url = "https://host/api/hooks";
    const given = new Request(url, { method: "POST", body: anyBytes, headers: signed(anyBytes) });
    expect((await POST(given, { params: Promise.resolve({}) })).status).toBe(202);
  });
});
