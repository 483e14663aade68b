import { Redis } from "ioredis";
import { expect, it } from "vitest";
import { startRedisCluster } from "./redis-cluster.ts";
import { until } from "./until.ts";
import { describeWithServer } from "./vitest.ts";

describeWithServer("redis", "startRedisCluster", () => {
  it("moves a slot with what is in it, and gives a dead primary's slots to its replica", async () => {
    const cluster = await startRedisCluster({ replicas: 1 });
    const before = await cluster.ownerOf("{a}");
    const writer = new Redis(before.url);
    await until(() => writer.set("{a}:1", "one"));
    await expect(writer.set("{b}:1", "two")).rejects.toThrow("MOVED");
    writer.disconnect();
    const to = cluster.nodes.slice(0, 3).find((node) => node !== before);
    await cluster.move("{a}", to!);
    expect(await cluster.ownerOf("{a}")).toBe(to);
    await to!.kill();
    const replica = await until(async () => {
      const owner = await cluster.ownerOf("{a}");
      return owner !== to && owner;
    });
    const reader = new Redis(replica.url);
    expect(await until(() => reader.get("{a}:1"))).toBe("one");
    reader.disconnect();
    await cluster.stop();
  });
});
