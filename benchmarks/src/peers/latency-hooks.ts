// Ours: publishes and delivers in one process, as an application that embeds it.
import { contracts } from "@hooks/contracts/producer";
import { createSender } from "@hooks/sender";
import { invoicePaid } from "../payload.ts";
import { keepAliveMs } from "./delivery.ts";
import { latencyPeer, type LatencySettings } from "./latency.ts";
import { createOutstanding } from "./outstanding.ts";
import { runPeer } from "./run-peer.ts";
import { openStore, type StoreSettings } from "./sender.ts";

interface Settings extends LatencySettings {
  readonly store: StoreSettings;
  /** How many of the endpoints answer; the others come after them. Default: all. */
  readonly answering?: number;
}

runPeer<Settings>(async ({ urls, secret, store, answering = urls.length }) => {
  const outstanding = createOutstanding();
  const sender = createSender({
    store: openStore(store),
    contracts,
    http: { allowHttp: true, allowCidrs: ["127.0.0.0/8"], keepAliveMs },
    report: (report) => {
      if (report.kind === "attempted" && report.outcome === "delivered") outstanding.done();
    },
  });
  const subscribers = await Promise.all(
    urls.map(async (url) => {
      const { id: subscriber } = await sender.subscribers.create({ name: "bench" });
      await sender.endpoints.create({ subscriber, url, secret });
      return subscriber;
    }),
  );
  await sender.start();
  return latencyPeer({
    endpoints: urls.length,
    publish: async (number, endpoint) => {
      if (endpoint < answering) outstanding.add();
      const subscriber = subscribers[endpoint] ?? "";
      await sender.publish({ type: "invoice.paid", data: invoicePaid(number), subscriber });
    },
    delivered: outstanding.none,
  });
});
