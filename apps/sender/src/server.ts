import { randomUUID } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import { type ProblemCode, problemOf, problems, Refusal } from "./problem.ts";

/** An HTTP server that no slow, endless or malformed request can hold up. */
export function createHttpServer(app: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: 15_000,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16 * 1_024,
    },
    app,
  );
  server.maxHeadersCount = 64;
  server.maxRequestsPerSocket = 1_000;
  server.maxConnections = 5_000;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => answer(error, socket));
  return server;
}

const DETAILS = {
  invalid_request: "Expected an HTTP/1.1 request",
  request_timeout: "Expected the headers within 5 s and the whole request within 15 s",
  headers_too_large: "Expected at most 16,384 bytes of headers",
} satisfies Partial<Record<ProblemCode, string>>;

/** Nothing has been parsed that could be answered, so the answer is written by hand and the connection ended. */
function answer(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = codeOf(error);
  const { status, title } = problems[code];
  const body = JSON.stringify(problemOf(new Refusal(code, DETAILS[code]), `req_${randomUUID()}`));
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    "connection: close",
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function codeOf(error: NodeJS.ErrnoException): keyof typeof DETAILS {
  if (error.code === "HPE_HEADER_OVERFLOW") return "headers_too_large";
  return error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "request_timeout" : "invalid_request";
}
