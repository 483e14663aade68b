import type { Budget } from "./budget.ts";

/** Admits a request, or gives the milliseconds to wait. */
export type Admit = () => number | undefined | Promise<number | undefined>;

/**
 * Takes from the budget a share at a time, so that most requests are decided at once and without a round trip, while the
 * sum over all processes stays exact.
 */
export function createSourceLimit(share: number, budget: Budget): Admit {
  let left = 0;
  let validUntil = 0;
  let blockedUntil = 0;
  let refilling: Promise<void> | undefined;

  const refill = async () => {
    const { granted, leftMs } = await budget.take(share);
    left = granted ? share : 0;
    if (granted) validUntil = Date.now() + leftMs;
    else blockedUntil = Date.now() + Math.max(1, leftMs);
    refilling = undefined;
  };
  const admit: Admit = () => {
    const now = Date.now();
    if (now < blockedUntil) return blockedUntil - now;
    if (left > 0 && now < validUntil) {
      left -= 1;
      return undefined;
    }
    refilling ??= refill();
    return refilling.then(admit);
  };
  return admit;
}

/** The largest divisor of the limit up to a twentieth: what does not divide it would be lost at the end of a window. */
export function shareOf(limit: number): number {
  for (let share = Math.floor(limit / 20); share > 1; share--) if (limit % share === 0) return share;
  return 1;
}
