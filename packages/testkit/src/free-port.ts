import { createServer } from "node:net";

/**
 * Where ports are looked for: below those that systems give to connections (Linux from 32,768 on). Else a connection might
 * take the port of a server that a test has ended and is about to start again.
 */
const ports = { first: 10_240, beyond: 32_768 } as const;

/** A TCP port on loopback that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = ports.first + Math.floor(Math.random() * (ports.beyond - ports.first));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
