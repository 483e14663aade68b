import { until } from "@hooks/testkit";
import type { Random } from "./random.ts";

export interface KillPlan {
  readonly random: Random;
  readonly kills: number;
  /** The progress at the first and the last possible kill. */
  readonly from: number;
  readonly to: number;
}

/** At which progress to kill: one random point in each of as many equal stretches, so that they grow. */
export function planKills({ random, kills, from, to }: KillPlan): readonly number[] {
  const stretch = (to - from) / kills;
  return Array.from({ length: kills }, (_, index) => Math.floor(from + (index + random.next()) * stretch));
}

/** Does `fault` each time that `progress` has come to the next point, and waits a little, to strike anywhere in the work. */
export async function strike(
  points: readonly number[],
  { random, progress, fault }: { random: Random; progress: () => number; fault: () => Promise<void> },
): Promise<void> {
  for (const point of points) {
    await until(() => progress() >= point, { timeoutMs: 120_000, everyMs: 1, what: `progress ${point}` });
    await new Promise((resolve) => setTimeout(resolve, random.next() * 15));
    await fault();
  }
}
