// The peer: a job for each event, added with one `addBulk` a batch; nothing is validated.
import { Queue } from "bullmq";
import { invoicePaid } from "../payload.ts";
import { publishPeer, type PublishSettings } from "./publish.ts";
import { runPeer } from "./run-peer.ts";

interface Settings extends PublishSettings {
  readonly redisPort: number;
}

runPeer<Settings>((settings) => {
  const connection = { host: "127.0.0.1", port: settings.redisPort, maxRetriesPerRequest: null };
  const queue = new Queue("events", { connection });
  return publishPeer(settings, async (first) => {
    const jobs = Array.from({ length: settings.batch }, (_, index) => {
      const id = `evt_${String(first + index).padStart(26, "0")}`;
      const timestamp = new Date().toISOString();
      const event = { id, type: "invoice.paid", version: "1.0.0", timestamp, source: "bench" };
      return { name: "event", data: { ...event, data: invoicePaid(first + index) } };
    });
    await queue.addBulk(jobs);
  });
});
