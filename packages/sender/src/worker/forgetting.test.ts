import { describe, expect, it } from "vitest";
import { SHARD_COUNT, shardOf } from "../core/sharding.ts";
import { HEALTHY } from "../core/endpoint-health.ts";
import type { HealthRecord } from "../store.ts";
import { createForgetting } from "./forgetting.ts";
import { createLanes } from "./lanes.ts";

const T = 1_000_000;
const LATER = T + 60_000;
const failing = { ...HEALTHY, failures: 3, failingSinceMs: T };
const recordOf = (endpoint: string): HealthRecord => ({ endpoint, health: failing });
const isEven = (endpoint: string) => Number(endpoint.slice(3)) % 2 === 0;
const endpoints = Array.from({ length: 40 }, (_, index) => `ep_${index}`);

/** A worker's lanes of endpoints that fail, and a store that knows some of them still. */
function given({ isKnown, nowMs = LATER }: { isKnown: (endpoint: string) => boolean; nowMs?: number }) {
  const lanes = createLanes();
  const changes = endpoints.map((endpoint) => ({
    ...recordOf(endpoint),
    shard: shardOf(endpoint),
    epoch: 1,
  }));
  lanes.kept(changes, T);
  const reads: number[] = [];
  const store = {
    health: async (shards: readonly number[]) => {
      reads.push(...shards);
      return endpoints.filter((id) => shards.includes(shardOf(id)) && isKnown(id)).map(recordOf);
    },
  };
  const forgetting = createForgetting({ store, lanes, now: () => nowMs, report: () => {} });
  const remembered = () => lanes.remembered(LATER).map(({ endpoint }) => endpoint);
  return { lanes, reads, forgetting, remembered };
}

describe("createForgetting", () => {
  it("forgets those that the store does not know any more, and nobody else", async () => {
    const { forgetting, remembered, reads } = given({ isKnown: isEven });
    expect(remembered()).toEqual(endpoints);
    for (let look = 0; look < SHARD_COUNT; look += 1) await forgetting.look();
    expect(remembered()).toEqual(endpoints.filter(isEven));
    expect(new Set(reads)).toEqual(new Set(endpoints.map(shardOf)));
  });

  it("looks through each shard in turn, again and again", async () => {
    const { forgetting, reads } = given({ isKnown: () => true });
    const shards = [...new Set(endpoints.map(shardOf))].toSorted((one, other) => one - other);
    for (let look = 0; look < 2 * shards.length; look += 1) await forgetting.look();
    expect(reads).toEqual([...shards, ...shards]);
  });

  it("asks nothing about those that failed just now", async () => {
    const { forgetting, reads } = given({ isKnown: () => false, nowMs: LATER - 1 });
    await forgetting.look();
    expect(reads).toEqual([]);
  });

  it("forgets nothing that was learned while it asked", async () => {
    const { lanes, remembered } = given({ isKnown: () => false });
    const asked = lanes.remembered(LATER);
    lanes.adopt([shardOf("ep_0")], [{ endpoint: "ep_0", health: { ...failing } }], LATER);
    lanes.gone(asked);
    expect(remembered()).toEqual(["ep_0"]);
  });
});
