import { describe, expect, it } from "vitest";
import type { Endpoint } from "../core/model.ts";
import { SHARD_COUNT, shardOf } from "../core/sharding.ts";
import type { Batch, TakenDelivery, Taker } from "../store.ts";
import { createIntake } from "./intake.ts";
import { createLanes } from "./lanes.ts";
import { systemTimers } from "./timers.ts";

const NOTHING: Batch = { id: 0, deliveries: [], endpoints: [], more: [] };
const owned = new Map(Array.from({ length: SHARD_COUNT }, (_, shard) => [shard, { shard, epoch: 1 }]));
const turn = () => new Promise((resolve) => setImmediate(resolve));

const deliveryOf = (endpoint: string, number: number) =>
  ({ id: `dlv_${number}`, endpoint, dueMs: 0, shard: shardOf(endpoint), epoch: 1 }) as TakenDelivery;

/** A worker of endpoints that work, on a store that is asked through these verbs. */
function open({ endpoints = ["ep_1"], concurrency = 500, forgetTaken = async () => {} } = {}) {
  const lanes = createLanes();
  const asked: string[] = [];
  const begun: TakenDelivery[] = [];
  let taker: Taker | undefined;
  let takes: Promise<Batch> = Promise.resolve(NOTHING);
  const intake = createIntake({
    store: {
      due: async () => ({ endpoints: [] }),
      take: ({ from }) => {
        asked.push(`take ${from.map(({ endpoint }) => endpoint).join(" ")}`);
        return takes;
      },
      forgetTaken: async (_, batches) => {
        asked.push(`forget all but ${batches.join(" ")}`);
        await forgetTaken();
      },
      serve(one) {
        taker = one;
        return () => (taker = undefined);
      },
    },
    identity: { id: "w1", host: "here", pid: 1 },
    lanes,
    owned: () => owned,
    now: () => 0,
    timers: systemTimers,
    report: () => {},
    pollMs: 3_600_000,
    concurrency,
    begin(batch) {
      for (const delivery of batch.deliveries) {
        lanes.started(delivery, 0);
        begun.push(delivery);
      }
    },
    batches: () => [7],
  });
  // As after a delivery that was answered: known as they are now, and nothing of them waits.
  lanes.wake(endpoints);
  const from = lanes.next({ limit: 500, concurrency, owned, nowMs: 0 });
  const deliveries = endpoints.map((endpoint, index) => deliveryOf(endpoint, -index));
  lanes.taken(from, { ...NOTHING, endpoints: endpoints.map((id) => ({ id, revision: 1 }) as Endpoint) });
  for (const delivery of deliveries) {
    lanes.started(delivery, 0);
    lanes.ended(delivery, true, 0);
    lanes.settled(delivery.endpoint, delivery.id);
  }
  intake.start();
  return {
    intake,
    lanes,
    asked,
    begun,
    taker: () => taker,
    offer: (endpoint = "ep_1", deliveries = 100) => taker?.offer(endpoint, deliveries),
    taken: (...given: Parameters<Taker["taken"]>) => taker?.taken(...given),
    answerTakes: (answer: Promise<Batch>) => (takes = answer),
  };
}

describe("createIntake", () => {
  it("offers an endpoint of which nothing waits, once at a time, and sends what is taken of it", async () => {
    const { offer, taken, begun, intake } = open();
    const offered = offer()!;
    expect(offered).toMatchObject({ endpoint: "ep_1", epoch: 1, room: 10, knownRevision: 1 });
    expect(offer()).toBeUndefined();
    expect(intake.isTaking()).toBe(true);
    taken([offered], { ...NOTHING, id: 3, deliveries: [deliveryOf("ep_1", 1)] });
    expect(begun.map(({ id }) => id)).toEqual(["dlv_1"]);
    await turn();
    await turn();
    expect(intake.isTaking()).toBe(false);
    expect(offer()).toMatchObject({ room: 9 });
    intake.stop();
  });

  it("offers nothing of endpoints that it does not know, that have changed, or of which something waits", () => {
    const { offer, lanes, intake } = open({ endpoints: ["ep_1", "ep_2"] });
    expect(offer("ep_3")).toBeUndefined();
    lanes.wake(["ep_1"]);
    lanes.refresh([{ id: "ep_2", revision: 2 }]);
    expect(offer("ep_1")).toBeUndefined();
    expect(offer("ep_2")).toBeUndefined();
    intake.stop();
  });

  it("ends serving when it is stopped, and offers nothing to who goes on asking", () => {
    const { taker, intake } = open();
    const asked = taker();
    intake.stop();
    expect(taker()).toBeUndefined();
    expect(asked?.offer("ep_1", 1)).toBeUndefined();
  });

  it("takes nothing else of what it offers, and goes on with it afterwards", async () => {
    const { offer, taken, asked, lanes, intake } = open({ endpoints: ["ep_1", "ep_2"] });
    const offered = offer()!;
    lanes.wake(["ep_1", "ep_2"]);
    await intake.pump();
    expect(asked).toEqual(["take ep_2"]);
    taken([offered], NOTHING);
    await turn();
    await turn();
    expect(asked).toEqual(["take ep_2", "take ep_1"]);
    intake.stop();
  });

  it("never promises more places than there are", async () => {
    const endpoints = ["ep_1", "ep_2", "ep_3"];
    const { offer, taken, lanes, intake, answerTakes } = open({ endpoints, concurrency: 15 });
    const first = offer("ep_1")!;
    const second = offer("ep_2")!;
    expect([first.room, second.room, offer("ep_3")]).toEqual([10, 5, undefined]);
    taken([first, second], NOTHING);
    const [one, others] = [offer("ep_1", 1)!, offer("ep_2")!];
    expect([one.room, others.room, offer("ep_3")?.room]).toEqual([1, 10, 4]);
    taken([one, others, { ...others, endpoint: "ep_3", room: 4 }], NOTHING);
    const answer = Promise.withResolvers<Batch>();
    answerTakes(answer.promise);
    lanes.wake(["ep_1"]);
    const pumped = intake.pump();
    await turn();
    expect(offer("ep_2")).toMatchObject({ room: 5 });
    answer.resolve(NOTHING);
    await pumped;
    intake.stop();
  });

  it("forgets what it never heard of, when nothing that it offers is open, and offers nothing before", async () => {
    const forgotten = Promise.withResolvers<void>();
    const { offer, taken, asked, intake } = open({
      endpoints: ["ep_1", "ep_2"],
      forgetTaken: () => forgotten.promise,
    });
    const [first, second] = [offer("ep_1")!, offer("ep_2")!];
    taken([first]);
    expect(offer("ep_1")).toBeUndefined();
    await turn();
    await turn();
    expect(asked).toEqual([]);
    taken([second], NOTHING);
    await turn();
    expect(asked).toEqual(["forget all but 7"]);
    expect(offer("ep_1")).toBeUndefined();
    forgotten.resolve();
    await turn();
    await turn();
    expect(offer("ep_1")).toMatchObject({ endpoint: "ep_1" });
    intake.stop();
  });

  it("forgets it between two takes, for there may be no end of what is to be taken", async () => {
    const { offer, taken, asked, lanes, intake, answerTakes } = open({ endpoints: ["ep_1", "ep_2"] });
    const offered = offer("ep_1")!;
    const answer = Promise.withResolvers<Batch>();
    answerTakes(answer.promise);
    lanes.wake(["ep_2"]);
    const pumped = intake.pump();
    await turn();
    await turn();
    taken([offered]);
    lanes.wake(["ep_2"]);
    answer.resolve(NOTHING);
    await pumped;
    expect(asked).toEqual(["take ep_2", "forget all but 7", "take ep_2"]);
    intake.stop();
  });
});
