// Ours: a store with a backlog, half of it at one endpoint and half over all the others, asked as a worker asks.
import { generateSecret } from "@hooks/signing";
import { createSender, type Sender, type Store } from "@hooks/sender";
import { runPeer } from "./run-peer.ts";
import { anyContract, openStore, type StoreSettings } from "./sender.ts";

interface Settings {
  readonly store: StoreSettings;
  /** Deliveries. */
  readonly waiting: number;
  readonly endpoints: number;
}

/** What it is asked: to look for what is due, or to take it, over and over for so long. Answers with ms a call. */
export interface BacklogQuestion {
  readonly kind: "due" | "take";
  readonly ms: number;
}

/** Endpoints of one `take`, the loud one among them, with this room each. */
const TAKEN_FROM = 50;
const ROOM = 5;
const LEASE_MS = 3_600_000;
const WORKER = { id: "bench", host: "bench", pid: process.pid };

runPeer<Settings>(async (settings) => {
  const store = openStore(settings.store);
  const sender = createSender({ store, contracts: anyContract });
  const loud = await fill(sender, settings);
  const ask = await createQuestions(store, loud);
  return {
    answer: async (asked) => {
      // The bench and its peers are built together.
      const { kind, ms } = asked as BacklogQuestion;
      const startedAt = performance.now();
      let calls = 0;
      let spentMs = 0;
      while (performance.now() - startedAt < ms) {
        spentMs += await ask[kind]();
        calls += 1;
      }
      return spentMs / calls;
    },
  };
});

/** Publishes the backlog; gives the id of the endpoint that half of it waits for. */
async function fill(sender: Sender, { waiting, endpoints }: Settings): Promise<string> {
  const secret = generateSecret();
  const create = (subscriber: string) =>
    sender.endpoints.create({ subscriber, url: "https://example.com/", secret });
  const [loud, quiet] = [
    await sender.subscribers.create({ name: "loud" }),
    await sender.subscribers.create({ name: "quiet" }),
  ];
  const { id } = await create(loud.id);
  for (let made = 0; made < endpoints; made += 1) await create(quiet.id);
  const data = { note: "x".repeat(800) };
  const publish = async (count: number, subscriber: string, batch: number) => {
    for (let left = count; left > 0; left -= batch) {
      const length = Math.min(batch, left);
      await sender.publishBatch(Array.from({ length }, () => ({ type: "invoice.paid", data, subscriber })));
    }
  };
  await publish(waiting / 2, loud.id, 1_000);
  // Each of these goes to all the others.
  await publish(Math.round(waiting / 2 / endpoints), quiet.id, 1);
  return id;
}

/** Each question answers with the milliseconds that it took. */
async function createQuestions(
  store: Store,
  loud: string,
): Promise<Record<"due" | "take", () => Promise<number>>> {
  const { owned } = await store.lease({
    worker: WORKER,
    nowMs: Date.now(),
    leaseMs: LEASE_MS,
    maxInterruptions: 3,
  });
  const sources: TakeFrom[] = [];
  for (const shard of owned) {
    const { endpoints } = await store.due({ shards: [shard], nowMs: Date.now() });
    for (const { id, revision } of endpoints)
      sources.push({ ...shard, endpoint: id, room: ROOM, inFlight: new Set(), knownRevision: revision });
  }
  const first = sources.filter(({ endpoint }) => endpoint === loud);
  const others = sources.filter(({ endpoint }) => endpoint !== loud);
  let next = 0;
  return {
    due: async () => (await timed(() => store.due({ shards: owned, nowMs: Date.now() })))[1],
    take: async () => {
      const nowMs = Date.now();
      const some = Array.from({ length: TAKEN_FROM - 1 }, () => others[next++ % others.length]);
      const from = [...first, ...some.filter((one) => one !== undefined)];
      const [batch, ms] = await timed(() => store.take({ worker: WORKER.id, nowMs, from }));
      if (batch.deliveries.length !== from.length * ROOM)
        throw new Error(`Expected ${from.length * ROOM} deliveries, got ${batch.deliveries.length}`);
      // Nothing is attempted, so that the next call finds the same.
      await store.settle({ settlements: [], health: [], finishedBatches: [batch.id], nowMs });
      return ms;
    },
  };
}

type TakeFrom = Parameters<Store["take"]>[0]["from"][number];

async function timed<T>(call: () => Promise<T>): Promise<readonly [T, number]> {
  const startedAt = performance.now();
  const answer = await call();
  return [answer, performance.now() - startedAt];
}
