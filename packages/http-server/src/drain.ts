import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as TcpServer, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";

/** How long requests under way may take to end before their connections are cut. */
const DRAIN_MS = 10_000;
/** How long a quiet connection is kept, because its next request may have been sent already. */
const GRACE_MS = 100;
/**
 * How long one is kept that has sent nothing yet: a request follows its connection by a round trip, a third of a second from
 * the other side of the world, and may have to be sent twice.
 */
const SILENCE_MS = 1_000;
/** New connections are gathered until none has come for so long … */
const QUIET_MS = 10;
/** … or until this has passed. */
const GATHERING_MS = 2_000;

/** What a process is through with when it ends. */
export type DrainStage = "gathered" | "closed";

/** Resolves when all processes that take connections from the same port have come as far. */
export type Meet = (stage: DrainStage) => Promise<void>;

/**
 * Gives the function that ends a server: it takes no new connections, answers the requests under way, and tells each
 * client that the connection ends with its answer, so that none sends its next request into a closed one. Who has
 * connected by then is answered too.
 */
export function createDrain(server: Server, meet: Meet = async () => {}): () => Promise<void> {
  const underWay = new Set<ServerResponse>();
  const connected = new Set<Socket>();
  let isDraining = false;
  // One for all responses; it closes once, so nothing has to take it off again.
  const forget = function forget(this: ServerResponse) {
    underWay.delete(this);
  };
  server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    if (isDraining) response.setHeader("connection", "close");
    underWay.add(response);
    response.on("close", forget);
  });
  const disconnect = function disconnect(this: Socket) {
    connected.delete(this);
  };
  server.on("connection", (socket: Socket) => {
    connected.add(socket.on("close", disconnect));
  });
  // For Node.js such a connection is not idle until the time for its headers is over.
  const endSilent = () => {
    for (const socket of connected) if (socket.bytesRead === 0) socket.destroy();
  };
  const drain = async () => {
    isDraining = true;
    for (const response of underWay) if (!response.headersSent) response.setHeader("connection", "close");
    const closed = once(server, "close");
    const serve = await gatherConnections(server, meet);
    // The `close` of an HTTP server would cut quiet connections at once, with what is on its way to them.
    TcpServer.prototype.close.call(server);
    // A client that is answered may connect again, and must not while another process is about to close.
    await atMost(GATHERING_MS, meet("closed"));
    serve();
    // After what has come has been read: in a busy process that may be long after the timer was due.
    const close = setInterval(() => setImmediate(() => server.closeIdleConnections()), GRACE_MS);
    const silence = setTimeout(() => setImmediate(endSilent), SILENCE_MS);
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearInterval(close);
    clearTimeout(silence);
    clearTimeout(cut);
  };
  let drained: Promise<void> | undefined;
  return () => (drained ??= drain());
}

/**
 * Takes what connects without reading from it, so that a moment comes in which nobody waits to be taken: when a port is
 * closed, the system resets whom it has let in and no process has taken. Gives the function that serves them.
 */
async function gatherConnections(server: Server, meet: Meet): Promise<() => void> {
  const gathered: Socket[] = [];
  const serveOne = server.rawListeners("connection");
  const startedMs = performance.now();
  let lastMs = startedMs;
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    // One that breaks off meanwhile must not end the process.
    gathered.push(socket.on("error", () => {}));
    lastMs = performance.now();
  });
  for (;;) {
    await pause(1);
    // After those who wait have been taken.
    await turn();
    const nowMs = performance.now();
    const leftMs = startedMs + GATHERING_MS - nowMs;
    if (leftMs <= 0) break;
    if (nowMs - lastMs < QUIET_MS) continue;
    const before = gathered.length;
    await atMost(leftMs, meet("gathered"));
    await turn();
    if (gathered.length === before) break;
  }
  return () => {
    for (const socket of gathered.filter(({ destroyed }) => !destroyed))
      for (const listener of serveOne) listener.call(server, socket);
  };
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  await Promise.race([work, pause(ms, undefined, { ref: false })]);
}
