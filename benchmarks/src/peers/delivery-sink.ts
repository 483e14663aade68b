// Where all contenders of the bench `delivery` send to: one process that answers 200, with a port for each endpoint.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { parseVerifyingKey, verify } from "@hooks/signing";
import { runPeer } from "./run-peer.ts";

interface Settings {
  readonly endpoints: number;
  readonly secret: string;
}

/** Of so many requests one is verified: enough to notice a contender that does not sign, too few to cost anything. */
const sampled = 100;

runPeer<Settings>(async ({ endpoints, secret }) => {
  const keys = [parseVerifyingKey(secret)];
  let requests = 0;
  const isGenuine = (request: IncomingMessage, body: Buffer) =>
    verify({ headers: request.headers, body, keys, now: Date.now() }).ok;

  const listen = async () => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        requests += 1;
        const isRefused = requests % sampled === 0 && !isGenuine(request, Buffer.concat(chunks));
        response.writeHead(isRefused ? 400 : 200, { "content-length": 0 }).end();
      });
    });
    // A contender that waits for its turn must find its connections again.
    server.keepAliveTimeout = 600_000;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  };
  const urls = await Promise.all(Array.from({ length: endpoints }, listen));
  return { ready: urls, answer: () => ({ requests, cpu: process.cpuUsage() }) };
});
