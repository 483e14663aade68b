// What requests in flight take of a process's memory: ours, and undici's alone. Nobody answers.
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createSender } from "@hooks/sender";
import { request } from "undici";
import { envelope } from "../payload.ts";
import { createAgent, type DeliverySettings, keepAliveMs } from "./delivery.ts";
import { runPeer } from "./run-peer.ts";
import { anyContract, openStore, type StoreSettings } from "./sender.ts";
import { keyOf, signBare } from "./sign-bare.ts";

interface Settings extends DeliverySettings {
  /** Absent for undici alone. */
  readonly store?: StoreSettings;
}

/** Gives back when as many requests have been begun as may be in flight. */
type Fill = () => Promise<void>;

/** For the last of them to be written. */
const SETTLE_MS = 500;

setFlagsFromString("--expose-gc");
// It is there because of the flag.
const collect = runInNewContext("gc") as () => void;

runPeer<Settings>(async (settings) => {
  const { store, concurrency } = settings;
  const fill = store === undefined ? openBare(settings) : await openOurs(settings, store);
  return {
    /** Bytes of memory for each request in flight. */
    answer: async () => {
      const before = usedBytes();
      await fill();
      await wait(SETTLE_MS);
      return (usedBytes() - before) / concurrency;
    },
  };
});

function usedBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function openBare({ urls, secret, bytes, concurrency }: Settings): Fill {
  const key = keyOf(secret);
  const dispatcher = createAgent();
  return async () => {
    for (let index = 0; index < concurrency; index += 1) {
      const id = `evt_${String(index).padStart(26, "0")}`;
      const body = envelope(id, bytes);
      const headers = { ...signBare(key, { id, body }), "content-type": "application/json" };
      // It ends with the process.
      void request(urls[index % urls.length] ?? "", { method: "POST", dispatcher, headers, body });
    }
  };
}

async function openOurs(settings: Settings, storeSettings: StoreSettings): Promise<Fill> {
  const { urls, secret, bytes, concurrency } = settings;
  const store = openStore(storeSettings);
  let begun = 0;
  let tell: (() => void) | undefined;
  const take: typeof store.take = async (taken) => {
    const batch = await store.take(taken);
    begun += batch.deliveries.length;
    if (begun >= concurrency) tell?.();
    return batch;
  };
  const sender = createSender({
    store: { ...store, take },
    contracts: anyContract,
    http: { allowHttp: true, allowCidrs: ["127.0.0.0/8"], keepAliveMs },
    worker: { concurrency },
  });
  const { id: subscriber } = await sender.subscribers.create({ name: "bench" });
  await Promise.all(urls.map((url) => sender.endpoints.create({ subscriber, url, secret })));
  const { data } = JSON.parse(envelope("evt_0".padEnd(30, "0"), bytes).toString()) as { data: unknown };
  await sender.start();
  return async () => {
    const full = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const length = concurrency / urls.length;
    await sender.publishBatch(Array.from({ length }, () => ({ type: "invoice.paid", data })));
    await full;
  };
}
