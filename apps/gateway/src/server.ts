import { randomUUID } from "node:crypto";
import type { RequestListener, Server } from "node:http";
import { type ClientFault, createLimitedServer } from "@hooks/http-server";
import { type RefusalCode, respond } from "@hooks/receiver";

const CODES: Readonly<Record<ClientFault, RefusalCode>> = {
  invalid_request: "bad_request",
  request_timeout: "request_timeout",
  headers_too_large: "headers_too_large",
  too_many_requests: "rate_limited",
  tunnel_requested: "method_not_allowed",
};

/** An HTTP server that no slow, endless or malformed request can hold up. */
export function createHttpServer(listener: RequestListener): Server {
  return createLimitedServer({
    listener,
    requestTimeoutMs: 10_000,
    maxConnections: 10_000,
    answer: (fault) => respond({ kind: "refused", code: CODES[fault], requestId: randomUUID() }),
  });
}
