// The peer: a queue and its worker in one process, a job for each event.
import { Queue, Worker } from "bullmq";
import { request } from "undici";
import { invoicePaid } from "../payload.ts";
import { createAgent } from "./delivery.ts";
import { latencyPeer, type LatencySettings } from "./latency.ts";
import { createOutstanding } from "./outstanding.ts";
import { runPeer } from "./run-peer.ts";
import { keyOf, signBare } from "./sign-bare.ts";

interface Settings extends LatencySettings {
  readonly redisPort: number;
}

interface Delivery {
  readonly id: string;
  readonly url: string;
  readonly body: string;
}

runPeer<Settings>(async ({ urls, secret, redisPort }) => {
  const key = keyOf(secret);
  const dispatcher = createAgent();
  const outstanding = createOutstanding();
  const connection = { host: "127.0.0.1", port: redisPort, maxRetriesPerRequest: null };
  const queue = new Queue<Delivery>("deliveries", { connection });
  const deliver = async ({ data: { id, url, body } }: { readonly data: Delivery }) => {
    const bytes = Buffer.from(body);
    const headers = { ...signBare(key, { id, body: bytes }), "content-type": "application/json" };
    const answer = await request(url, { method: "POST", dispatcher, headers, body: bytes });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`Got status ${answer.statusCode}`);
    return { status: answer.statusCode };
  };
  const worker = new Worker("deliveries", deliver, {
    connection,
    concurrency: 500,
    removeOnComplete: { count: 10_000 },
  });
  worker.on("completed", () => outstanding.done());
  worker.on("failed", (_, error) => {
    throw error;
  });
  await worker.waitUntilReady();

  return latencyPeer({
    endpoints: urls.length,
    publish: async (number, endpoint) => {
      outstanding.add();
      const id = `evt_${String(number).padStart(26, "0")}`;
      const timestamp = new Date().toISOString();
      const event = { id, type: "invoice.paid", version: "1.0.0", timestamp, source: "bench" };
      const body = JSON.stringify({ ...event, data: invoicePaid(number) });
      await queue.add("delivery", { id, url: urls[endpoint] ?? "", body });
    },
    delivered: outstanding.none,
  });
});
