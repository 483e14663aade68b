import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** What is wrong with a request that was never parsed. */
export type ClientFault = "invalid_request" | "request_timeout" | "headers_too_large";

export interface LimitedServerOptions {
  readonly listener: RequestListener;
  /** From the first byte of a request to its last. */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /** What a faulty request is answered with, before its connection is ended. */
  readonly answer: (fault: ClientFault) => FaultAnswer;
}

export interface FaultAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An HTTP server with limits on everything a client can make it hold: time, headers, requests, sockets. */
export function createLimitedServer(options: LimitedServerOptions): Server {
  const { listener, requestTimeoutMs, maxConnections, answer } = options;
  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16_384,
    },
    listener,
  );
  server.maxHeadersCount = 64;
  server.maxRequestsPerSocket = 1_000;
  server.maxConnections = maxConnections;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    else socket.end(toHttp(answer(faultOf(error))));
  });
  return server;
}

function faultOf({ code }: NodeJS.ErrnoException): ClientFault {
  if (code === "HPE_HEADER_OVERFLOW") return "headers_too_large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "request_timeout" : "invalid_request";
}

/** Nothing has been parsed that could be answered, so the answer is written by hand. */
function toHttp({ status, headers, body }: FaultAnswer): string {
  const fields = { ...headers, connection: "close", "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`;
}
