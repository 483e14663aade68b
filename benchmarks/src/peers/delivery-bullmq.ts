// The peer: what people build with a job queue. One job for each delivery; its result is kept with the job.
import { Queue, Worker } from "bullmq";
import { request } from "undici";
import { envelope } from "../payload.ts";
import { createAgent, createCountdown, deliveryPeer, type DeliverySettings } from "./delivery.ts";
import { runPeer } from "./run-peer.ts";
import { keyOf, signBare } from "./sign-bare.ts";

interface Settings extends DeliverySettings {
  readonly redisPort: number;
}

interface Delivery {
  readonly id: string;
  readonly url: string;
  readonly body: string;
}

runPeer<Settings>(async (settings) => {
  const { urls, secret, bytes, concurrency, redisPort } = settings;
  const key = keyOf(secret);
  const dispatcher = createAgent();
  const countdown = createCountdown();
  const connection = { host: "127.0.0.1", port: redisPort, maxRetriesPerRequest: null };
  const queue = new Queue<Delivery>("deliveries", { connection });
  const deliver = async ({ data: { id, url, body } }: { readonly data: Delivery }) => {
    const startedAt = performance.now();
    const bytes = Buffer.from(body);
    const headers = {
      ...signBare(key, { id, body: bytes }),
      "content-type": "application/json",
      "user-agent": "bench",
    };
    const answer = await request(url, { method: "POST", dispatcher, headers, body: bytes });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`Got status ${answer.statusCode}`);
    return { status: answer.statusCode, durationMs: performance.now() - startedAt };
  };
  const worker = new Worker("deliveries", deliver, {
    connection,
    concurrency,
    removeOnComplete: { count: 10_000 },
  });
  worker.on("completed", () => countdown.done());
  worker.on("failed", (_, error) => countdown.failed(error));
  worker.on("error", (error) => countdown.failed(error));
  await worker.waitUntilReady();

  let waiting = 0;
  let published = 0;
  return deliveryPeer(
    {
      prepare: async (count) => {
        waiting = count;
        await queue.pause();
        for (let first = 0; first < count; first += 500) {
          const jobs = Array.from({ length: Math.min(500, count - first) }, (_, index) => {
            const id = `evt_${String(published++).padStart(26, "0")}`;
            const data = {
              id,
              url: urls[(first + index) % urls.length] ?? "",
              body: envelope(id, bytes).toString(),
            };
            return { name: "delivery", data };
          });
          await queue.addBulk(jobs);
        }
      },
      drain: async () => {
        const drained = countdown.from(waiting);
        await queue.resume();
        await drained;
      },
    },
    settings,
  );
});
