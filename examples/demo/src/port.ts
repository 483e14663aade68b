import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

/** The preferred port of this machine, or any other when that is taken. */
export async function findPort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? preferred;
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return undefined;
  }
  // A server listening on TCP has an address of this kind.
  const free = (server.address() as AddressInfo).port;
  const closed = once(server, "close");
  server.close();
  await closed;
  return free;
}
