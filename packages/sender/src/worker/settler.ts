import type { Report } from "../report.ts";
import { StoreUnavailableError, type HealthChange, type Settlement, type Store } from "../store.ts";
import { sleep, type Timers } from "./timers.ts";

export interface SettlerOptions {
  readonly store: Pick<Store, "settle">;
  readonly now: () => number;
  readonly timers: Timers;
  /** While many attempts are under way, results that come within this time share a commit. */
  readonly gatherMs: number;
  readonly report: Report;
  /** How many attempts are under way or wait to be recorded. */
  readonly inFlight: () => number;
  /** What these settlements say of the health of endpoints. */
  readonly health: (settlements: readonly Settlement[], nowMs: number) => readonly HealthChange[];
  /** The store knows it. */
  readonly onKept: (changes: readonly HealthChange[], nowMs: number) => void;
  readonly onSettled: (settlement: Settlement, settled: boolean) => void;
}

/** Gathers what attempts came to and records it in batches, one at a time, for as long as it takes. */
export interface Settler {
  /** Says that a journalled batch was begun with so many deliveries. */
  begin(batch: number, deliveries: number): void;
  add(settlement: Settlement, batch: number): void;
  /** Gives up what is not recorded yet; after the lease it counts as interrupted. */
  stop(): void;
}

/** While the store is away, what came of attempts waits here; it is bounded by what may be in flight. */
const RETRY_MS = 250;

export function createSettler(options: SettlerOptions): Settler {
  const { store, now, timers, report, health: healthOf, onKept, onSettled } = options;
  const unfinished = new Map<number, number>();
  let waiting: Settlement[] = [];
  let finishedBatches: number[] = [];
  let isRunning = false;
  let isStopped = false;

  const settle = async (settlements: readonly Settlement[], batches: readonly number[]): Promise<void> => {
    const nowMs = now();
    const health = healthOf(settlements, nowMs);
    const settled = await store.settle({ settlements, health, finishedBatches: batches, nowMs });
    onKept(health, nowMs);
    for (const [index, settlement] of settlements.entries()) onSettled(settlement, settled[index] === true);
  };

  /**
   * One that cannot be written must not hold up the others. It stays in flight, and in the journal, for recovery. Those
   * that only could not be written now wait again.
   */
  const settleEach = async (settlements: readonly Settlement[]): Promise<void> => {
    for (const [index, settlement] of settlements.entries()) {
      try {
        await settle([settlement], []);
      } catch (error) {
        if (error instanceof StoreUnavailableError) return waitAgain(settlements.slice(index), [], error);
        report({ kind: "fault", error });
      }
    }
  };

  const waitAgain = async (
    settlements: readonly Settlement[],
    batches: readonly number[],
    error: StoreUnavailableError,
  ): Promise<void> => {
    report({ kind: "store_unavailable", during: "settle", error });
    waiting = [...settlements, ...waiting];
    finishedBatches = [...batches, ...finishedBatches];
    await sleep(timers, RETRY_MS);
  };

  const isWanted = () => waiting.length > 0 && !isStopped;

  const run = async (): Promise<void> => {
    while (isWanted()) {
      await gather(options, () => waiting.length);
      const settlements = waiting;
      const batches = finishedBatches;
      waiting = [];
      finishedBatches = [];
      try {
        await settle(settlements, batches);
      } catch (error) {
        if (error instanceof StoreUnavailableError) await waitAgain(settlements, batches, error);
        else await settleEach(settlements);
      }
    }
    isRunning = false;
  };

  return {
    begin: (batch, deliveries) => void unfinished.set(batch, deliveries),
    add(settlement, batch) {
      waiting.push(settlement);
      const left = (unfinished.get(batch) ?? 1) - 1;
      if (left > 0) unfinished.set(batch, left);
      else {
        unfinished.delete(batch);
        finishedBatches.push(batch);
      }
      if (isRunning) return;
      isRunning = true;
      void run();
    },
    stop: () => {
      isStopped = true;
    },
  };
}

/** What else ends in this turn shares the commit; while most attempts are under way still, so does what ends soon. */
async function gather(
  { timers, gatherMs, inFlight }: SettlerOptions,
  waitingCount: () => number,
): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (waitingCount() < inFlight() / 2) await sleep(timers, gatherMs);
}
