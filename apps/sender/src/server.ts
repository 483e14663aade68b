import { randomUUID } from "node:crypto";
import type { RequestListener, Server } from "node:http";
import { type ClientFault, createLimitedServer } from "@hooks/http-server";
import { problemOf, problems, Refusal } from "./problem.ts";

const REFUSALS: Readonly<Record<ClientFault, Refusal>> = {
  invalid_request: new Refusal("invalid_request", "Expected an HTTP/1.1 request"),
  request_timeout: new Refusal(
    "request_timeout",
    "Expected the headers within 5 s and the whole request within 15 s",
  ),
  headers_too_large: new Refusal("headers_too_large", "Expected at most 64 headers of 16,384 bytes together"),
  too_many_requests: new Refusal(
    "rate_limited",
    "Expected at most 1,000 requests on a connection, 64 of them unanswered",
    {
      headers: { "retry-after": "1" },
    },
  ),
  tunnel_requested: new Refusal("method_not_allowed", "Expected a request to this server, got CONNECT", {
    headers: { allow: "DELETE, GET, HEAD, PATCH, POST" },
  }),
};

/** An HTTP server that no slow, endless or malformed request can hold up. */
export function createHttpServer(app: RequestListener): Server {
  return createLimitedServer({
    listener: app,
    requestTimeoutMs: 15_000,
    maxConnections: 5_000,
    answer: (fault) => {
      const refusal = REFUSALS[fault];
      return {
        status: problems[refusal.code].status,
        headers: { "content-type": "application/problem+json", ...refusal.headers },
        body: JSON.stringify(problemOf(refusal, `req_${randomUUID()}`)),
      };
    },
  });
}
