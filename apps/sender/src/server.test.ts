import { once } from "node:events";
import { connect } from "node:net";
import { until } from "@hooks/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_KEY, startTestApi, type TestApi } from "./test-support/api.ts";

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(() => api.close());

/** Sends bytes as they are and gives everything that comes until the connection ends. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(api.port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => (received += String(chunk)));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(bytes);
  await once(socket, "close");
  return received;
}

describe("createHttpServer", () => {
  it.each([
    ["nonsense\r\n\r\n", 400, "invalid_request"],
    ["GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n", 400, "invalid_request"],
    [
      "POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
      400,
      "invalid_request",
    ],
    [`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(17_000)}\r\n\r\n`, 431, "headers_too_large"],
    [`GET / HTTP/1.1\r\nhost: x\r\n${"x: 1\r\n".repeat(64)}\r\n`, 431, "headers_too_large"],
    ["GET / HTTP/1.1\r\n\r\n", 400, "invalid_request"],
    ["BREW / HTTP/1.1\r\nhost: x\r\n\r\n", 400, "invalid_request"],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "invalid_request"],
    [
      "GET /v1/events HTTP/1.1\r\nhost: x\r\nexpect: wonders\r\nconnection: close\r\n\r\n",
      401,
      "unauthorized",
    ],
    ["CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n", 405, "method_not_allowed"],
  ])("answers what it cannot read with a problem (%#)", async (bytes, status, code) => {
    const received = await exchange(bytes);
    const [head = "", body = ""] = received.split("\r\n\r\n");
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain("application/problem+json");
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });

  it("ends connections whose headers do not come long before those whose bodies do not, and serves others", async () => {
    const head = `POST /v1/subscribers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_KEY}\r\n`;
    const bodiless = exchange(`${head}content-type: application/json\r\ncontent-length: 15\r\n\r\n`);
    const slow = exchange("GET /healthz HTTP/1.1\r\nhost: x\r\n");
    expect((await api.call("GET", "/healthz")).status).toBe(200);
    // The one after 5 s, the other after 15.
    const first = await Promise.race([slow, bodiless.then(() => "the one without a body")]);
    expect(first).toContain('"code":"request_timeout"');
  });

  it("answers with a problem also what comes behind too many requests without an answer", async () => {
    const received = await exchange("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1_001));
    const answers = received.split("HTTP/1.1 ").slice(1);
    const statuses = answers.slice(0, -1).map((answer) => answer.slice(0, 3));
    expect(statuses).toEqual(Array.from({ length: 64 }, () => "200"));
    expect(answers.at(-1)).toMatch(/^429 [^]*retry-after: 1\r\n[^]*"code":"rate_limited"/);
  });

  it("answers many at once", async () => {
    const calls = Array.from({ length: 200 }, () => api.call("GET", "/v1/subscribers"));
    const answers = await Promise.all(calls);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await until(() => api.log.length > 0);
    expect(api.log.join("")).not.toContain(ADMIN_KEY);
  });
});
