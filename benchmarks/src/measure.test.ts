import { describe, expect, it } from "vitest";
import type { Comparison, Contender } from "./bench.ts";
import { measure, quantile } from "./measure.ts";

/** A contender that gives these values in turn, the first of them for the warm-up. */
function contender(name: string, values: readonly number[], target?: number): Contender {
  let turn = 0;
  return { name, target, measure: () => values[turn++] ?? Number.NaN };
}

function comparison(better: Comparison["better"], others: readonly Contender[]): Comparison {
  return { name: "x", unit: "op/s", better, rounds: 3, ours: contender("ours", [0, 10, 20, 30]), others };
}

describe("measure", () => {
  it("takes medians over the rounds and pairs ratios within a round", async () => {
    const { standings } = await measure(comparison("higher", [contender("peer", [0, 5, 40, 10])]), {
      quick: true,
    });
    expect(standings).toMatchObject([
      { name: "ours", median: 20 },
      { name: "peer", median: 10, ratio: 2 },
    ]);
  });

  it("meets a target from above where higher is better and from below where lower is", async () => {
    const [higher, lower] = await Promise.all(
      (["higher", "lower"] as const).map((better) =>
        measure(comparison(better, [contender("peer", [0, 10, 20, 30], 1.1)]), { quick: true }),
      ),
    );
    expect([higher?.standings[1]?.isMet, lower?.standings[1]?.isMet]).toEqual([false, true]);
  });

  it("gives every contender the same number of rounds, in turns", async () => {
    const order: string[] = [];
    const noting = (name: string): Contender => ({ name, measure: () => order.push(name) });
    const others = [noting("b"), noting("c")];
    await measure(
      { name: "x", unit: "s", better: "lower", rounds: 3, ours: noting("a"), others },
      { quick: true },
    );
    expect(order.join("")).toBe("abcabcbcacab");
  });
});

describe("quantile", () => {
  it("interpolates between neighbours", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([7], 0.25)).toBe(7);
  });
});
