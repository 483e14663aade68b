import { setTimeout as sleep } from "node:timers/promises";

export interface SettleOptions {
  /** How much is done by now. */
  readonly done: () => number;
  readonly total: number;
  /** Called when more is done. */
  readonly onProgress?: (done: number) => void;
  /** Waiting ends when nothing has happened for so long. Default 20,000 ms. */
  readonly stallMs?: number;
}

/** Waits until all is done, or nothing more happens; says which. */
export async function settle({ done, total, onProgress, stallMs = 20_000 }: SettleOptions): Promise<boolean> {
  let last = -1;
  let lastChange = Date.now();
  while (Date.now() - lastChange < stallMs) {
    const current = done();
    if (current !== last) {
      onProgress?.(current);
      last = current;
      lastChange = Date.now();
    }
    if (current >= total) return true;
    await sleep(50);
  }
  return false;
}
