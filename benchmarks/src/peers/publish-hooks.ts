// Ours: every event is validated and kept with its delivery. Nothing is sent: no worker is started.
import { contracts } from "@hooks/contracts/producer";
import { createSender } from "@hooks/sender";
import { invoicePaid } from "../payload.ts";
import { publishPeer, type PublishSettings } from "./publish.ts";
import { runPeer } from "./run-peer.ts";
import { openStore, type StoreSettings } from "./sender.ts";

interface Settings extends PublishSettings {
  readonly store: StoreSettings;
}

runPeer<Settings>(async (settings) => {
  const sender = createSender({ store: openStore(settings.store), contracts });
  const { id: subscriber } = await sender.subscribers.create({ name: "bench" });
  await sender.endpoints.create({ subscriber, url: "https://example.com/webhooks" });
  return publishPeer(settings, async (first) => {
    const events = Array.from({ length: settings.batch }, (_, index) => ({
      type: "invoice.paid",
      data: invoicePaid(first + index),
    }));
    await sender.publishBatch(events);
  });
});
