// Where the contenders of `latency` and `isolation` send to: endpoints that answer 200, and others that never answer.
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { sharedNowMs } from "./latency.ts";
import { runPeer } from "./run-peer.ts";

interface Settings {
  readonly endpoints: number;
}

/** Of one event: its number, and when it came. */
export type Received = readonly [number: number, receivedMs: number];

/** Where to send. */
export interface LatencyUrls {
  readonly answering: readonly string[];
  /** As many that never answer. */
  readonly hanging: readonly string[];
}

runPeer<Settings>(async ({ endpoints }) => {
  let received: Received[] = [];
  const all = (listener: RequestListener) => Array.from({ length: endpoints }, () => listen(listener));
  const answer: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      // The contenders send what the bench gave them.
      const event = JSON.parse(Buffer.concat(chunks).toString()) as { data: { object: { id: string } } };
      received.push([Number(event.data.object.id.slice("inv_".length)), sharedNowMs()]);
      response.writeHead(200, { "content-length": 0 }).end();
    });
  };
  const urls: LatencyUrls = {
    answering: await Promise.all(all(answer)),
    hanging: await Promise.all(all(hang)),
  };
  return {
    ready: urls,
    answer: () => {
      const all = received;
      received = [];
      return all;
    },
  };
});

const hang: RequestListener = (request) => void request.resume();

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
}
