// A second process that works off the backlog of a `delivery-hooks` peer. Answers how many it has delivered since it was
// asked before.
import { createSender } from "@hooks/sender";
import { type DeliverySettings, keepAliveMs } from "./delivery.ts";
import { runPeer } from "./run-peer.ts";
import { anyContract, openStore, type StoreSettings } from "./sender.ts";

interface Settings extends DeliverySettings {
  readonly store: StoreSettings;
}

runPeer<Settings>(async ({ concurrency, store }) => {
  let delivered = 0;
  const sender = createSender({
    store: openStore(store),
    contracts: anyContract,
    http: { allowHttp: true, allowCidrs: ["127.0.0.0/8"], keepAliveMs },
    worker: { concurrency },
    report: (report) => {
      if (report.kind === "attempted" && report.outcome === "delivered" && report.settled) delivered += 1;
    },
  });
  await sender.start();
  return {
    answer: () => {
      const count = delivered;
      delivered = 0;
      return count;
    },
  };
});
