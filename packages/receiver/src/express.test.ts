import { createRequire } from "node:module";
import { until } from "@hooks/testkit";
import compression from "compression";
import express from "express";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createExpressHandler } from "./express.ts";
import { describeAdapter } from "./test-support/conformance.ts";
import { anyBytes, mount, type Mounted, post, writeRaw } from "./test-support/mounted.ts";

/** The types of one major are good for the other in what is used here. */
const express4 = createRequire(import.meta.url)("express4") as typeof express;
const majors = { "express 5": express, "express 4": express4 };

for (const [name, make] of Object.entries(majors)) {
  describeAdapter(`createExpressHandler in ${name}`, ({ receiver, listen }) =>
    listen(make().use("/webhooks", createExpressHandler(receiver))),
  );
  describeAdapter(`createExpressHandler in ${name}, behind compression`, ({ receiver, listen }) =>
    listen(
      make()
        .use(compression({ threshold: 0 }))
        .use("/webhooks", createExpressHandler(receiver)),
    ),
  );
}

describe.each(Object.entries(majors))("createExpressHandler in %s", (_, make) => {
  let mounted: Mounted;
  beforeEach(() => {
    mounted = mount();
  });
  afterEach(() => mounted.close());
  const json = { "content-type": "application/json" };

  it("reads the source from the route's parameter", async () => {
    const router = make.Router().post("/in/:source/now", createExpressHandler(mounted.receiver));
    const url = await mounted.listen(make().use("/api", router));
    expect((await post(`${url}/api/in/billing/now`)).status).toBe(202);
    expect((await mounted.stored())?.equals(anyBytes)).toBe(true);
  });

  it.each([
    ["express.raw()", make.raw({ type: "*/*" })],
    [
      "bytes of a verify hook",
      make.json({ verify: (request, _, bytes) => void Object.assign(request, { rawBody: bytes }) }),
    ],
    [
      "text of a verify hook",
      make.json({ verify: (request, _, bytes) => void Object.assign(request, { rawBody: `${bytes}` }) }),
    ],
  ])("takes the %s", async (_, parser) => {
    const app = make()
      .use(parser)
      .use(createExpressHandler(mounted.receiver, { source: "billing" }));
    const body = Buffer.from('{"a" : "\u{FEFF}é"}');
    expect((await post(await mounted.listen(app), body, json)).status).toBe(202);
    expect((await mounted.stored())?.equals(body)).toBe(true);
  });

  it("answers 500, not 401, behind a parser that consumed the body, and says how to put it right", async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error) => void warnings.push(warning);
    process.on("warning", hear);
    const url = await mounted.listen(make().use(make.json()).use(createExpressHandler(mounted.receiver)));
    const answer = await post(`${url}/billing`, Buffer.from('{"a":1}'), json);
    expect([answer.status, answer.json["code"]]).toEqual([500, "body_already_parsed"]);
    await post(`${url}/billing`, Buffer.from('{"a":1}'), json);
    process.off("warning", hear);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("above app.use(express.json())"),
    ]);
    expect(mounted.reports[0]).toMatchObject({ hint: expect.stringContaining("rawBody") });
  });

  it("answers so, too, where a hook kept a text that is not the bytes", async () => {
    const parser = make.text({
      type: "*/*",
      verify: (request, _, bytes) => void Object.assign(request, { rawBody: bytes.toString() }),
    });
    const url = await mounted.listen(make().use(parser).use(createExpressHandler(mounted.receiver)));
    expect((await post(`${url}/billing`, anyBytes, json)).json["code"]).toBe("body_already_parsed");
  });

  it("tells the client's address as the application trusts its proxies", async () => {
    const app = make().set("trust proxy", "loopback").use(createExpressHandler(mounted.receiver));
    await post(`${await mounted.listen(app)}/billing`, anyBytes, { "x-forwarded-for": "192.0.2.7" });
    expect(mounted.reports[0]).toMatchObject({ remoteAddress: "192.0.2.7" });
  });

  it("ends with a client that has gone before it came to read", async () => {
    const app = make()
      .use((request, _, next) => void request.once("close", () => next()))
      .use(createExpressHandler(mounted.receiver, { source: "billing" }));
    const head = "POST PATH HTTP/1.1\r\nhost: x\r\nwebhook-signature: v1,AAAA\r\n";
    await writeRaw(await mounted.listen(app), `${head}content-length: 9\r\n\r\nabc`, "reset");
    await until(() => mounted.reports.length === 1);
    expect(mounted.reports[0]).toMatchObject({ outcome: "bad_request" });
  });

  it("gives what breaks to the application's error handler", async () => {
    const broken = { receive: () => Promise.reject(new Error("broken")) };
    const app = make().set("env", "test").use(createExpressHandler(broken));
    const response = await fetch(await mounted.listen(app), { method: "POST" });
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining("broken")]);
  });
});
