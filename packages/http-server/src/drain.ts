import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as TcpServer } from "node:net";

/** How long requests under way may take to end before their connections are cut. */
const DRAIN_MS = 10_000;
/** How long a quiet connection is kept, because its next request may have been sent already. */
const GRACE_MS = 100;

/**
 * Gives the function that ends a server: it takes no new connections, answers the requests under way, and tells each
 * client that the connection ends with its answer, so that none sends its next request into a closed one.
 */
export function createDrain(server: Server): () => Promise<void> {
  const underWay = new Set<ServerResponse>();
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
  return async () => {
    isDraining = true;
    for (const response of underWay) if (!response.headersSent) response.setHeader("connection", "close");
    const closed = once(server, "close");
    // The `close` of an HTTP server would cut quiet connections at once, with what is on its way to them.
    TcpServer.prototype.close.call(server);
    // After what has come has been read: in a busy process that may be long after the timer was due.
    const close = setInterval(() => setImmediate(() => server.closeIdleConnections()), GRACE_MS);
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearInterval(close);
    clearTimeout(cut);
  };
}
