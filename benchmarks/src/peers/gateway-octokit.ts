// A peer for requests signed as GitHub's: octokit's own middleware, with the same way against duplicates and into a queue.
import { createNodeMiddleware, Webhooks } from "@octokit/webhooks";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { listen } from "./listen.ts";
import { runPeer } from "./run-peer.ts";

interface Settings {
  readonly secret: string;
  readonly redisPort: number;
}

const rememberSeconds = 7 * 24 * 3_600;

runPeer<Settings>(async ({ secret, redisPort }) => {
  const connection = { host: "127.0.0.1", port: redisPort };
  const redis = new Redis(connection);
  const queue = new Queue("events", { connection });
  await queue.waitUntilReady();
  const webhooks = new Webhooks({ secret });
  webhooks.onAny(async ({ id, name, payload }) => {
    const isNew = (await redis.set(`seen:${id}`, "1", "EX", rememberSeconds, "NX")) === "OK";
    if (isNew) await queue.add(name, payload);
  });
  const url = await listen(createNodeMiddleware(webhooks, { path: "/in/billing" }));
  return { ready: `${url}/in/billing` };
});
