import { randomUUID } from "node:crypto";
import type { RequestListener, Server } from "node:http";
import { type ClientFault, createLimitedServer } from "@hooks/http-server";
import { problemOf, problems, Refusal } from "./problem.ts";

const DETAILS: Readonly<Record<ClientFault, string>> = {
  invalid_request: "Expected an HTTP/1.1 request",
  request_timeout: "Expected the headers within 5 s and the whole request within 15 s",
  headers_too_large: "Expected at most 16,384 bytes of headers",
};

/** An HTTP server that no slow, endless or malformed request can hold up. */
export function createHttpServer(app: RequestListener): Server {
  return createLimitedServer({
    listener: app,
    requestTimeoutMs: 15_000,
    maxConnections: 5_000,
    answer: (fault) => ({
      status: problems[fault].status,
      headers: { "content-type": "application/problem+json" },
      body: JSON.stringify(problemOf(new Refusal(fault, DETAILS[fault]), `req_${randomUUID()}`)),
    }),
  });
}
