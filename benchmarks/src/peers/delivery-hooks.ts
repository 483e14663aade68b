// Ours: a sender as an application embeds it. A backlog waits behind paused endpoints.
import { join } from "node:path";
import { inspect } from "node:util";
import { createSender, type Contracts } from "@hooks/sender";
import { createPostgresStore } from "@hooks/sender/postgres";
import { createSqliteStore } from "@hooks/sender/sqlite";
import { envelope } from "../payload.ts";
import { createCountdown, deliveryPeer, type DeliverySettings, keepAliveMs } from "./delivery.ts";
import { runPeer } from "./run-peer.ts";

interface Settings extends DeliverySettings {
  readonly store: { readonly folder: string } | { readonly url: string };
}

/** Publishing is not measured, so there is nothing to validate. */
const contracts: Contracts = {
  source: "bench",
  eventTypes: {},
  validateEvent: () => ({ ok: true, version: "1.0.0" }),
  migrate: () => ({ ok: false }),
};

runPeer<Settings>(async (settings) => {
  const { urls, secret, bytes, concurrency, store } = settings;
  const countdown = createCountdown();
  const sender = createSender({
    store:
      "url" in store
        ? createPostgresStore(store)
        : createSqliteStore({ path: join(store.folder, "sender.db") }),
    contracts,
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

  let waiting = 0;
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
        await drained;
      },
    },
    settings,
  );
});
