import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What is wrong with a request that nobody is asked to handle. */
export type ClientFault =
  | "invalid_request"
  | "request_timeout"
  | "headers_too_large"
  | "too_many_requests"
  | "tunnel_requested";

export interface LimitedServerOptions {
  readonly listener: RequestListener;
  /** From the first byte of a request to its last. So long a client may also take nothing of its answers. */
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

/** More than any client needs. */
const maxHeaders = 64;
/** On one connection. The answer to the last one says that it is the last. */
const maxRequests = 1_000;
/** On one connection: what is sent together is also worked on together, before anything of another connection. */
const maxUnanswered = 64;
/** For a client to read why its connection ends, also while it still writes. */
const lingerMs = 1_000;

/**
 * An HTTP server with limits on everything a client can make it hold: time, headers, requests, sockets. A client that asks
 * with `Expect: 100-continue` is told to go on only when its body is read, and one that has said all it will say gets its
 * answers all the same.
 */
export function createLimitedServer(options: LimitedServerOptions): Server {
  const { listener, requestTimeoutMs, maxConnections, answer } = options;
  const connections = new WeakMap<Duplex, Connection>();
  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16_384,
      // Looked at below, so that it is answered like any other fault.
      requireHostHeader: false,
    },
    (request, response) => {
      const connection = enter(connections, response);
      // The client is being told already, and reads no answer behind that.
      if (connection.isEnding) return;
      const fault = faultOfCount(connection, response) ?? faultOfHead(request);
      // Of what stands behind such a request in the same packet Node.js reads nothing: the client is told that this was all.
      if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
      if (fault === undefined) return listener(request, response);
      refuse(response, answer(fault));
      if (connection.isEnding) ignoreRest(request.socket, requestTimeoutMs);
    },
  );
  // One more, so that it shows: Node.js leaves out the others without a word.
  server.maxHeadersCount = maxHeaders + 1;
  server.maxConnections = maxConnections;
  // A client that says that it sends no more still waits for its answer. Node.js has no types for this setting of its own.
  Object.assign(server, { httpAllowHalfOpen: true });
  const end = (socket: Duplex, fault: ClientFault) => {
    const unanswered = endTurn(connections.get(socket));
    if (unanswered === undefined) endWith(socket, answer(fault));
    else endAfter(unanswered, { socket, timeoutMs: requestTimeoutMs, faultAnswer: () => answer(fault) });
  };
  server.timeout = requestTimeoutMs;
  server.on("timeout", (socket) => {
    // Else it is we who take our time.
    if (socket.writableLength > 0 || unansweredOf(connections.get(socket)).length === 0) socket.destroy();
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    // Whatever a client says after a fault is one too.
    else if (connections.get(socket)?.isEnding !== true) end(socket, faultOf(error));
  });
  // Node.js would close the connection without a word.
  server.on("connect", (_request, socket) => end(socket, "tunnel_requested"));
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    request.on("newListener", (name) => {
      if (name === "data" && !response.headersSent) response.writeContinue();
    });
    server.emit("request", request, response);
  });
  // RFC 9110, section 10.1.1: what is expected beyond that need not be heeded.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  return server;
}

/** What has been asked on a connection. */
interface Connection {
  requests: number;
  /** In their order; the first may have been answered since. */
  readonly answers: ServerResponse[];
  /** A fault has come, and is answered when those before it are. */
  isEnding: boolean;
}

function enter(connections: WeakMap<Duplex, Connection>, response: ServerResponse): Connection {
  const { socket } = response.req;
  const known = connections.get(socket);
  const connection = known ?? { requests: 0, answers: [], isEnding: false };
  if (known === undefined) connections.set(socket, connection);
  unansweredOf(connection).push(response);
  connection.requests += 1;
  return connection;
}

function unansweredOf(connection: Connection | undefined): ServerResponse[] {
  const answers = connection?.answers ?? [];
  while (answers[0]?.closed === true || answers[0]?.writableFinished === true) answers.shift();
  return answers;
}

/** Counts the requests of each connection. Node.js would do so, and answer those beyond with a status and nothing else. */
function faultOfCount(connection: Connection, response: ServerResponse): ClientFault | undefined {
  const { requests, answers } = connection;
  // Says `connection: close` but goes on with what was sent before that was read. Node.js has no types for it.
  if (requests >= maxRequests) Object.assign(response, { maxRequestsOnConnectionReached: true });
  connection.isEnding = requests > maxRequests || answers.length > maxUnanswered;
  return connection.isEnding ? "too_many_requests" : undefined;
}

/**
 * Nothing more is asked on the connection. Gives the answer that has to go before that to the fault, if there is one: a
 * client takes answers for those to its requests in their order. A request that broke off is what the fault answers.
 */
function endTurn(connection: Connection | undefined): ServerResponse | undefined {
  if (connection === undefined) return undefined;
  connection.isEnding = true;
  const answers = unansweredOf(connection);
  return answers.at(answers.at(-1)?.req.complete === false ? -2 : -1);
}

/** Requests that one reader may take for something else than another does. */
function faultOfHead({ rawHeaders, httpVersion }: IncomingMessage): ClientFault | undefined {
  if (rawHeaders.length > 2 * maxHeaders) return "headers_too_large";
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  return hosts > 1 || (hosts === 0 && httpVersion === "1.1") ? "invalid_request" : undefined;
}

function refuse(response: ServerResponse, { status, headers, body }: FaultAnswer): void {
  const length = { "content-length": Buffer.byteLength(body), connection: "close" };
  response.writeHead(status, { ...headers, ...length }).end(body);
}

/** Node.js would keep every further request until its turn to be answered comes. */
function ignoreRest(socket: Socket, answersWithinMs: number): void {
  // With a listener of ours the bytes come to the socket and no more to the parser behind it; then it need not hear them.
  socket.on("data", () => {}).removeAllListeners("data");
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), answersWithinMs);
  socket.on("close", () => clearTimeout(cut));
}

function faultOf({ code }: NodeJS.ErrnoException): ClientFault {
  if (code === "HPE_HEADER_OVERFLOW") return "headers_too_large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "request_timeout" : "invalid_request";
}

/** Ends the connection, soon also for a client that keeps its half open: no timeout of Node.js looks at it any more. */
function endWith(socket: Duplex, faultAnswer: FaultAnswer): void {
  const cut = setTimeout(() => socket.destroy(), lingerMs);
  socket.on("error", () => socket.destroy()).on("close", () => clearTimeout(cut));
  socket.end(toHttp(faultAnswer));
}

interface Ending {
  readonly socket: Duplex;
  /** How long the answer before may take. */
  readonly timeoutMs: number;
  readonly faultAnswer: () => FaultAnswer;
}

function endAfter(response: ServerResponse, { socket, timeoutMs, faultAnswer }: Ending): void {
  const cut = setTimeout(() => socket.destroy(), timeoutMs);
  socket.on("error", () => socket.destroy()).on("close", () => clearTimeout(cut));
  response.on("close", () => {
    clearTimeout(cut);
    if (socket.writable) endWith(socket, faultAnswer());
  });
}

/** There is no response to write to, so the answer is written by hand. */
function toHttp({ status, headers, body }: FaultAnswer): string {
  const fields = { ...headers, connection: "close", "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`;
}
