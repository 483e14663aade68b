import { createServer } from "node:http";
import { isIPv4 } from "node:net";
import { GOOD_IPV4, GOOD_IPV6 } from "./names.ts";

const PORTS = [80, 443, 8_080, 8_443];

/** What listens at every address there is. */
export interface Canary {
  /** The addresses, other than the good ones, that somebody connected to since this was last asked. */
  take(): readonly string[];
}

export async function startCanary(): Promise<Canary> {
  let reached: string[] = [];
  for (const port of PORTS) {
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? "/", "http://canary.example");
      const location = searchParams.get("to") ?? "/";
      response
        .writeHead(Number(searchParams.get("status") ?? 200), { location, refresh: `0; url=${location}` })
        .end("reached");
    });
    server.on("connection", (socket) => {
      const address = (socket.localAddress ?? "").replace(/^::ffff:(?=[\d.]+$)/, "");
      if (address !== GOOD_IPV4 && address !== GOOD_IPV6)
        reached.push(isIPv4(address) ? address : `[${address}]`);
    });
    await new Promise<void>((resolve) => server.listen(port, "::", resolve));
    server.unref();
  }
  return {
    take: () => {
      const taken = reached;
      reached = [];
      return taken;
    },
  };
}
