// Ours: a sender as an application embeds it. A backlog waits behind paused endpoints.
import { setTimeout as wait } from "node:timers/promises";
import { inspect } from "node:util";
import { createSender } from "@hooks/sender";
import { envelope } from "../payload.ts";
import { type PeerProcess, startPeer } from "../peer-process.ts";
import { createCountdown, deliveryPeer, type DeliverySettings, keepAliveMs } from "./delivery.ts";
import { runPeer } from "./run-peer.ts";
import { anyContract, openStore, type StoreSettings } from "./sender.ts";

interface Settings extends DeliverySettings {
  readonly store: StoreSettings;
  /** Whether another process works off the same backlog. Default: no. */
  readonly isHelped?: boolean;
}

/** How often to ask how far the other process is. */
const HELPER_MS = 5;

runPeer<Settings>(async (settings) => {
  const { urls, secret, bytes, concurrency, store, isHelped = false } = settings;
  const countdown = createCountdown();
  const sender = createSender({
    store: openStore(store),
    contracts: anyContract,
    http: { allowHttp: true, allowCidrs: ["127.0.0.0/8"], keepAliveMs },
    worker: { concurrency },
    report: (report) => {
      if (report.kind === "attempted" && report.outcome === "delivered" && report.settled) countdown.done();
      else countdown.failed(new Error(`Expected only deliveries, got ${inspect(report)}`));
    },
  });
  const subscriber = (await sender.subscribers.create({ name: "bench" })).id;
  const endpoints = await Promise.all(
    urls.map((url) => sender.endpoints.create({ subscriber, url, secret })),
  );
  const setAll = (state: "active" | "paused") =>
    Promise.all(endpoints.map(({ id }) => sender.endpoints.setState(id, state)));
  const { data } = JSON.parse(envelope("evt_0".padEnd(30, "0"), bytes).toString()) as { data: unknown };
  await sender.start();
  const helper = isHelped ? await startPeer("delivery-helper", settings) : undefined;

  let waiting = 0;
  const countFor = async (one: PeerProcess): Promise<void> => {
    while (countdown.left() > 0) {
      countdown.done(Number(await one.ask({})));
      await wait(HELPER_MS);
    }
  };
  return deliveryPeer(
    {
      prepare: async (count) => {
        waiting = count;
        await setAll("paused");
        const events = Array.from({ length: count / urls.length }, () => ({ type: "invoice.paid", data }));
        for (let first = 0; first < events.length; first += 50) {
          await sender.publishBatch(events.slice(first, first + 50));
        }
      },
      drain: async () => {
        const drained = countdown.from(waiting);
        await setAll("active");
        const counted = helper === undefined ? undefined : countFor(helper);
        await drained;
        await counted;
      },
    },
    settings,
  );
});
