import { generateSecret } from "@hooks/signing";
import { until } from "@hooks/testkit";
import { createSender, type Sender } from "../sender.ts";
import type { Store } from "../store.ts";
import type { Endpoint } from "../core/model.ts";
import { shardOf } from "../core/sharding.ts";
import { contractsOf } from "./contracts.ts";

export interface LoadOptions {
  readonly store: Store;
  /** Where endpoints are. */
  readonly url: string;
  /** What the endpoints of these shards are like. */
  readonly endpoints: readonly (Partial<Pick<Endpoint, "ordering">> & { readonly shard: number })[];
  readonly subjects: number;
}

/** Somebody who publishes, in a process that delivers nothing. */
export interface Load {
  readonly sender: Sender;
  /** Publishes until `stop`, one of each subject in a round, and rests `restMs` between rounds. */
  start(restMs: number): void;
  /** Gives how many were published in all. */
  stop(): Promise<number>;
  published(): number;
  /** Waits until every delivery has come to its end, but for so many. */
  finished(but?: number): Promise<void>;
}

const BACKLOG = 500;

export async function createLoad({ store, url, endpoints, subjects }: LoadOptions): Promise<Load> {
  const contracts = contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } });
  const sender = createSender({ store, contracts, http: { allowHttp: true, allowCidrs: ["127.0.0.0/8"] } });
  const { id: subscriber } = await sender.subscribers.create({ name: "test" });
  for (const { ordering = "none", shard } of endpoints)
    await store.addEndpoint(endpointIn({ shard, subscriber, url: `${url}/${ordering}/${shard}`, ordering }));
  let count = 0;
  let end = new AbortController();
  let running = Promise.resolve();
  const round = () =>
    sender.publishBatch(
      Array.from({ length: subjects }, (_, subject) => ({
        type: "invoice.paid",
        subject: `s${subject}`,
        data: { object: { id: `${subject}` } },
      })),
    );
  const run = async (restMs: number, { signal }: AbortController) => {
    while (!signal.aborted) {
      // No more than workers can do on a busy machine.
      const waiting = await sender.deliveries.list({ limit: BACKLOG, state: "scheduled" });
      if (waiting.length < BACKLOG) {
        await round();
        count += subjects;
      }
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  };
  return {
    sender,
    start(restMs) {
      end = new AbortController();
      running = run(restMs, end);
    },
    async stop() {
      end.abort();
      await running;
      return count;
    },
    published: () => count,
    async finished(but = 0) {
      const left = () => sender.deliveries.list({ limit: but + 1, state: "scheduled" });
      const isFinished = async () => (await left()).length <= but;
      const options = { timeoutMs: 90_000, everyMs: 50, what: "the end of every delivery" };
      await until(isFinished, options).catch(async (cause: unknown) => {
        const [one] = await left();
        const attempts = one === undefined ? [] : await sender.deliveries.attempts(one.id);
        throw new Error(`Left is ${JSON.stringify({ one, attempts })}`, { cause });
      });
    },
  };
}

interface EndpointToMake extends Pick<Endpoint, "subscriber" | "url" | "ordering"> {
  readonly shard: number;
}

/** With an id that falls into the shard. */
function endpointIn({ shard, ...endpoint }: EndpointToMake): Endpoint {
  let number = 0;
  while (shardOf(`ep_${number}`) !== shard) number += 1;
  return {
    ...endpoint,
    id: `ep_${number}`,
    description: "",
    eventTypes: [],
    headers: {},
    versions: {},
    featureFlags: [],
    secrets: [{ value: generateSecret(), createdAtMs: 0 }],
    state: "active",
    revision: 1,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}
