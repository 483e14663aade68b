// The peer: what people write, with svix for the signature, a key in Redis against duplicates, and BullMQ as the queue.
import { Queue } from "bullmq";
import express from "express";
import { Redis } from "ioredis";
import { Webhook, WebhookVerificationError } from "svix";
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
  const webhook = new Webhook(secret);
  const app = express().disable("x-powered-by").disable("etag");
  app.post(
    "/in/billing",
    express.raw({ type: "application/json", limit: "1mb" }),
    async (request, response) => {
      const id = request.get("webhook-id") ?? "";
      let event: unknown;
      try {
        event = webhook.verify(request.body as Buffer, request.headers as Record<string, string>);
      } catch (error) {
        if (!(error instanceof WebhookVerificationError)) throw error;
        response.status(401).json({ error: "invalid signature" });
        return;
      }
      const isNew = (await redis.set(`seen:${id}`, "1", "EX", rememberSeconds, "NX")) === "OK";
      if (isNew) await queue.add("event", event);
      response.status(isNew ? 202 : 200).json({ id, duplicate: !isNew });
    },
  );
  // express decides by the number of parameters; its application is a listener.
  return { ready: `${await listen(app)}/in/billing` };
});
