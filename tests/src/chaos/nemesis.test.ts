import { describe, expect, it } from "vitest";
import { planKills } from "./nemesis.ts";
import { createRandom } from "./random.ts";

describe("planKills", () => {
  it("gives growing points within the range, the same ones for the same seed", () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const plan = () => planKills({ random: createRandom(seed), kills: 5, from: 20, to: 500 });
      const points = plan();
      expect(points).toEqual(plan());
      expect(points).toEqual(points.toSorted((a, b) => a - b));
      expect(points).toHaveLength(5);
      expect(points[0]).toBeGreaterThanOrEqual(20);
      expect(points[4]).toBeLessThan(500);
    }
  });

  it("gives others for another seed", () => {
    const [one, two] = [1, 2].map((seed) =>
      planKills({ random: createRandom(seed), kills: 5, from: 20, to: 500 }),
    );
    expect(one).not.toEqual(two);
  });
});

describe("createRandom", () => {
  it("gives integers up to both ends and bytes of every value", () => {
    const random = createRandom(7);
    const seen = new Set(Array.from({ length: 200 }, () => random.integer(3, 5)));
    expect([...seen].toSorted()).toEqual([3, 4, 5]);
    expect(new Set(random.bytes(20_000)).size).toBe(256);
  });
});
