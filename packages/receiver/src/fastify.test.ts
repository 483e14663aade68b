import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFastifyPlugin } from "./fastify.ts";
import { describeAdapter } from "./test-support/conformance.ts";
import { anyBytes, mount, type Mounted, signed } from "./test-support/mounted.ts";

let app: FastifyInstance;
const listen = () => app.listen({ port: 0, host: "127.0.0.1" });

describeAdapter(
  "createFastifyPlugin",
  async ({ receiver }) => {
    app = Fastify({ bodyLimit: 10 });
    await app.register(createFastifyPlugin(receiver), { prefix: "/webhooks" });
    return listen();
  },
  () => app.close(),
);

describe("createFastifyPlugin", () => {
  let mounted: Mounted;
  beforeEach(() => {
    mounted = mount();
    app = Fastify();
  });
  afterEach(async () => {
    await app.close();
    await mounted.close();
  });

  it("leaves the parsers of the application alone, before it and after it", async () => {
    app.post("/before", async ({ body }) => ({ body }));
    await app.register(createFastifyPlugin(mounted.receiver), { prefix: "/webhooks" });
    app.post("/after", async ({ body }) => ({ body }));
    for (const url of ["/before", "/after"]) {
      const { json } = await app.inject({ method: "POST", url, payload: { a: 1 } });
      expect(json()).toEqual({ body: { a: 1 } });
    }
  });

  it("stands beside a parser of all types, and runs hooks of the application", async () => {
    app.addContentTypeParser("*", { parseAs: "string" }, (_request, _body, done) => done(new Error("no")));
    app.addHook("onSend", async (_request, reply) => void reply.header("x-own", "1"));
    await app.register(createFastifyPlugin(mounted.receiver, { source: "billing" }), { prefix: "/in/one" });
    const response = await fetch(`${await listen()}/in/one`, {
      method: "POST",
      body: anyBytes,
      headers: signed(anyBytes),
    });
    expect([response.status, response.headers.get("x-own")]).toEqual([202, "1"]);
    expect((await mounted.stored())?.equals(anyBytes)).toBe(true);
  });

  it("works with inject, and tells the client's address", async () => {
    app = Fastify({ trustProxy: true });
    await app.register(createFastifyPlugin(mounted.receiver));
    const { statusCode } = await app.inject({
      method: "POST",
      url: "/billing",
      payload: anyBytes,
      headers: { ...signed(anyBytes), "x-forwarded-for": "192.0.2.7" },
    });
    expect(statusCode).toBe(202);
    expect(mounted.reports[0]).toMatchObject({ remoteAddress: "192.0.2.7" });
  });
});
