import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import { generateSecret, verify } from "@hooks/signing";
import { makeCertificate, startSink, type Sink } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../core/model.ts";
import type { Transport } from "../transport.ts";
import { createHttpTransport } from "./http.ts";

const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const pemOf = (key: KeyObject) => String(key.export({ type: "pkcs8", format: "pem" }));
const NOW_MS = 1_800_000_000_500;
const event = { id: "evt_1", type: "invoice.paid", version: "1.2.0", body: Buffer.from('{"id":"evt_1"}') };
let sink: Sink;
/** Nobody answers later than that, whatever else the machine does. */
const PATIENCE_MS = 60_000;
let transport: Transport;

beforeEach(async () => {
  sink = await startSink();
  transport = openTransport(PATIENCE_MS);
});
afterEach(async () => {
  await sink.close();
  await transport.close();
});

const openTransport = (timeoutMs: number): Transport =>
  createHttpTransport({
    allowCidrs: ["127.0.0.0/8"],
    allowHttp: true,
    timeoutMs,
    connectTimeoutMs: PATIENCE_MS,
    dnsTimeoutMs: PATIENCE_MS,
    userAgent: "Hooks/test",
  });

const endpointOf = (change: Partial<Endpoint> = {}): Endpoint => ({
  id: "ep_1",
  subscriber: "sub_1",
  url: `${sink.url}/hooks?x=1`,
  description: "",
  eventTypes: [],
  headers: { "x-team": "blue" },
  versions: {},
  featureFlags: [],
  ordering: "none",
  secrets: [{ value: generateSecret(), createdAtMs: 0 }],
  state: "active",
  revision: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
  ...change,
});
const send = (endpoint: Endpoint) => transport.send({ endpoint, event, nowMs: NOW_MS });

describe("createHttpTransport", () => {
  it("sends the body as it is, with the headers of the wire, and the endpoint's own", async () => {
    const result = await send(endpointOf());
    expect(result).toMatchObject({ outcome: "delivered", status: 200 });
    const [request] = sink.requests;
    expect(request?.path).toBe("/hooks?x=1");
    expect(request?.body.equals(event.body)).toBe(true);
    expect(request?.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": "Hooks/test",
      "webhook-id": "evt_1",
      "webhook-timestamp": "1800000000",
      "webhook-version": "1.2.0",
      "x-team": "blue",
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    });
  });

  it("sends what it is told to send besides, over what the endpoint wants", async () => {
    const request = {
      endpoint: endpointOf({ headers: { link: "<mine>", "x-team": "blue" } }),
      event,
      nowMs: NOW_MS,
    };
    await transport.send({ ...request, headers: { link: "<ours>", deprecation: "@1" } });
    const [received] = await sink.received(1);
    expect(received?.headers).toMatchObject({ link: "<ours>", deprecation: "@1", "x-team": "blue" });
  });

  it("signs with every secret that has not expired, and no other", async () => {
    const [current, old, expired] = [generateSecret(), generateSecret(), generateSecret()];
    await send(
      endpointOf({
        secrets: [
          { value: current, createdAtMs: 0 },
          { value: old, createdAtMs: 0, expiresAtMs: NOW_MS + 1 },
          { value: expired, createdAtMs: 0, expiresAtMs: NOW_MS },
        ],
      }),
    );
    const { headers, body } = sink.requests[0]!;
    const accepts = (secret: string) => verify({ headers, body, keys: [secret], now: NOW_MS }).ok;
    expect([current, old, expired].map(accepts)).toEqual([true, true, false]);
  });

  it("sends nothing that it cannot sign", async () => {
    expect(await send(endpointOf({ secrets: [{ value: "whsec_broken", createdAtMs: 0 }] }))).toMatchObject({
      outcome: "secret_unavailable",
    });
    expect(
      await send(endpointOf({ secrets: [{ value: generateSecret(), createdAtMs: 0, expiresAtMs: 1 }] })),
    ).toMatchObject({ outcome: "secret_unavailable" });
    expect(sink.requests).toEqual([]);
  });

  it.each([
    [{ status: 204 }, { outcome: "delivered", status: 204 }],
    [
      { status: 302, headers: { location: "/other" } },
      { outcome: "http_status", status: 302 },
    ],
    [{ status: 410 }, { outcome: "gone", status: 410 }],
    ...["no", " NO "].map(
      (retry) =>
        [
          { status: 422, headers: { "webhook-retry": retry } },
          { outcome: "refused", status: 422 },
        ] as const,
    ),
    ...["yes", "", "no, no", "not now"].map(
      (retry) =>
        [
          { status: 422, headers: { "webhook-retry": retry } },
          { outcome: "http_status", status: 422 },
        ] as const,
    ),
    [
      { status: 410, headers: { "webhook-retry": "no" } },
      { outcome: "gone", status: 410 },
    ],
    [
      { status: 200, headers: { "webhook-retry": "no" } },
      { outcome: "delivered", status: 200 },
    ],
    [
      { status: 503, headers: { "retry-after": "120" }, body: "busy" },
      { outcome: "http_status", retryAfterMs: 120_000, response: "busy" },
    ],
    ...["soon", "-1", "1e9", "", "2026-11-20", "1, 2", "9".repeat(5_000) + "x"].map(
      (retryAfter) =>
        [
          { status: 503, headers: { "retry-after": retryAfter } },
          { outcome: "http_status", status: 503, retryAfterMs: undefined },
        ] as const,
    ),
    [{ fault: "reset" }, { outcome: "reset" }],
  ] as const)("reads %j as %j", async (answer, result) => {
    sink.script([answer]);
    const { outcome, status, retryAfterMs, response } = await send(endpointOf());
    expect({ outcome, status, retryAfterMs, response }).toMatchObject(result);
  });

  it("gives up on an endpoint that does not answer in time", async () => {
    sink.script([{ fault: "hang" }]);
    const hasty = openTransport(300);
    expect(await hasty.send({ endpoint: endpointOf(), event, nowMs: NOW_MS })).toMatchObject({
      outcome: "timeout",
    });
    await hasty.close();
  });

  it("keeps only the beginning of a long answer", async () => {
    sink.script([{ status: 500, body: "x".repeat(50_000) }]);
    expect((await send(endpointOf())).response).toBe("x".repeat(4_096));
  });

  it("refuses a blocked address without connecting", async () => {
    expect(await send(endpointOf({ url: "http://10.0.0.1/" }))).toMatchObject({ outcome: "blocked_address" });
  });

  it("shows an endpoint that asks for it the certificate that was given for it", async () => {
    const authority = { key: newKey(), commonName: "An authority" };
    const ca = makeCertificate({ ...authority, isAuthority: true });
    const certify = (key: KeyObject, commonName: string) =>
      makeCertificate({ key, commonName, issuer: authority });
    const [serverKey, clientKey] = [newKey(), newKey()];
    const clients: unknown[] = [];
    const options = { key: pemOf(serverKey), cert: certify(serverKey, "localhost"), ca, requestCert: true };
    const server = createServer(options, (request, response) => {
      clients.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN);
      request.resume().on("end", () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const defaults = getCACertificates("default");
    setDefaultCACertificates([ca]);
    const { port } = server.address() as AddressInfo;
    const clientCertificate = { certificate: certify(clientKey, "hooks"), key: pemOf(clientKey) };
    const endpoint = endpointOf({ url: `https://localhost:${port}/`, clientCertificate });
    expect(await send(endpoint)).toMatchObject({ outcome: "delivered" });
    expect(clients).toEqual(["hooks"]);
    setDefaultCACertificates(defaults);
    server.closeAllConnections();
    server.close();
  });
});
