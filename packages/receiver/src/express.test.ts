import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import express from "express";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createExpressHandler } from "./express.ts";
import { createFetchHandler } from "./fetch.ts";
import type { Inbox } from "./inbox.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createNodeHandler } from "./node.ts";
import { createReceiver, type Receiver, type ReceiverReport } from "./receiver.ts";

const secret = generateSecret();
const body = Buffer.from([0x7b, 0x22, 0xff, 0x00, 0x22, 0x7d]);

let inbox: Inbox;
let receiver: Receiver;
let reports: ReceiverReport[];
let server: Server | undefined;
beforeEach(() => {
  inbox = createSqliteInbox({ path: ":memory:" });
  reports = [];
  receiver = createReceiver({
    sources: { billing: { provider: "standard-webhooks", secrets: [secret], maxBodyBytes: 10_000 } },
    inbox,
    handlers: {},
    report: (report) => void reports.push(report),
  });
});
afterEach(async () => {
  server?.close();
  server?.closeAllConnections();
  await inbox.close();
});

const listen = async (handler: RequestListener) => {
  server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const post = async (url: string, bytes: Buffer = body, headers: Record<string, string> = {}) => {
  const signature = { ...generateTestHeaders({ body: bytes, secret }) };
  const response = await fetch(url, { method: "POST", body: bytes, headers: { ...signature, ...headers } });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};
const stored = async () =>
  (await inbox.claim({ source: "billing", limit: 10, leaseMs: 1, nowMs: Date.now() }))[0]?.body;

describe("createExpressHandler", () => {
  it("reads the raw bytes itself, below a path and with a parameter", async () => {
    const app = express().use("/webhooks", createExpressHandler(receiver));
    app.post("/in/:source/now", createExpressHandler(receiver));
    const url = await listen(app);
    expect((await post(`${url}/webhooks/billing`)).status).toBe(202);
    expect(Buffer.from((await stored())!).equals(body)).toBe(true);
    expect((await post(`${url}/in/billing/now`)).status).toBe(202);
    expect((await post(`${url}/webhooks/nobody`)).json["code"]).toBe("source_not_found");
  });

  it("takes the bytes that express.raw() or a verify hook has kept", async () => {
    const raw = express()
      .use(express.raw({ type: "*/*" }))
      .use(createExpressHandler(receiver));
    expect((await post(`${await listen(raw)}/billing`)).status).toBe(202);
    server?.close();
    const keep = express.json({
      verify: (request, _, bytes) => void Object.assign(request, { rawBody: bytes }),
    });
    const url = await listen(
      express()
        .use(keep)
        .use(createExpressHandler(receiver, { source: "billing" })),
    );
    const json = { "content-type": "application/json" };
    expect((await post(url, Buffer.from('{"a" : 1}'), json)).status).toBe(202);
  });

  it("answers 500, not 401, behind a parser that consumed the body, and says how to put it right", async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error) => void warnings.push(warning);
    process.on("warning", hear);
    const url = await listen(express().use(express.json()).use(createExpressHandler(receiver)));
    const json = { "content-type": "application/json" };
    const answer = await post(`${url}/billing`, Buffer.from('{"a":1}'), json);
    expect([answer.status, answer.json["code"]]).toEqual([500, "body_already_parsed"]);
    await post(`${url}/billing`, Buffer.from('{"a":1}'), json);
    process.off("warning", hear);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("above app.use(express.json())"),
    ]);
    expect(reports[0]).toMatchObject({ hint: expect.stringContaining("rawBody") });
  });
});

describe("createNodeHandler", () => {
  it("answers a body that grows above the limit with 413 and keeps serving", async () => {
    const url = await listen(createNodeHandler(receiver));
    const stream = new ReadableStream({
      start: (controller) => {
        for (let index = 0; index < 20; index++) controller.enqueue(new Uint8Array(1_000));
        controller.close();
      },
    });
    const headers = { ...generateTestHeaders({ body, secret }) };
    const options = { method: "POST", body: stream, headers, duplex: "half" } as RequestInit;
    const response = await fetch(`${url}/billing`, options);
    expect(response.status).toBe(413);
    await response.text();
    expect((await post(`${url}/billing?x=1`)).status).toBe(202);
  });

  it("takes an empty body for what it is", async () => {
    const url = await listen(createNodeHandler(receiver, { source: "billing" }));
    expect((await post(url, Buffer.alloc(0))).status).toBe(202);
    expect((await stored())?.byteLength).toBe(0);
  });
});

describe("createFetchHandler", () => {
  it("receives a Request and gives a Response", async () => {
    const handle = createFetchHandler(receiver);
    const response = await handle(request(body));
    expect([response.status, response.headers.get("content-type")]).toEqual([202, "application/json"]);
    expect(Buffer.from((await stored())!).equals(body)).toBe(true);
    expect((await handle(request(Buffer.alloc(10_001)))).status).toBe(413);
    expect((await handle(new Request("http://host/billing"))).status).toBe(405);
  });

  it("answers 500 when the body was read before", async () => {
    const used = request(body);
    await used.arrayBuffer();
    expect((await createFetchHandler(receiver)(used)).status).toBe(500);
  });
});

const request = (given: Buffer) =>
  new Request("http://host/api/webhooks/billing", {
    method: "POST",
    body: given,
    headers: { ...generateTestHeaders({ body: given, secret }) },
  });
