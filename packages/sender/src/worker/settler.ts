import type { Report } from "../report.ts";
import { StoreUnavailableError, type HealthChange, type Settlement, type Store } from "../store.ts";
import { createOpenBatches, type OpenBatches } from "./open-batches.ts";
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
  /** It cannot be written, and stays in the journal until it is given up. */
  readonly onUnwritable: (settlement: Settlement, batch: number) => void;
}

/** Gathers what attempts came to and records it in batches, one at a time, for as long as it takes. */
export interface Settler {
  /** Says that a journalled batch was begun with so many deliveries. */
  begin(batch: number, deliveries: number): void;
  add(settlement: Settlement, batch: number): void;
  /** One delivery of the batch is not in flight any more, and nothing of it will be recorded. */
  giveUp(batch: number): void;
  /** The batches of which something is not recorded yet. */
  batches(): readonly number[];
  /** Gives up what is not recorded yet; after the lease it counts as interrupted. */
  stop(): void;
}

interface Ended {
  readonly settlement: Settlement;
  readonly batch: number;
}

/** While the store is away, what came of attempts waits here; it is bounded by what may be in flight. */
const RETRY_MS = 250;

export function createSettler(options: SettlerOptions): Settler {
  const { timers, report } = options;
  const journal = createOpenBatches();
  const recording = createRecording(options, journal);
  let waiting: Ended[] = [];
  let isRunning = false;
  let isStopped = false;

  const isWanted = () => waiting.length > 0 && !isStopped;

  const run = async (): Promise<void> => {
    while (isWanted()) {
      await gather(options, () => waiting.length);
      const ended = waiting;
      waiting = [];
      const { left, error } = await recording(ended);
      if (left.length === 0) continue;
      report({ kind: "store_unavailable", during: "settle", error });
      waiting = [...left, ...waiting];
      await sleep(timers, RETRY_MS);
    }
    isRunning = false;
  };

  return {
    begin: journal.begin,
    add(settlement, batch) {
      waiting.push({ settlement, batch });
      if (isRunning) return;
      isRunning = true;
      void run();
    },
    giveUp: journal.giveUp,
    batches: journal.open,
    stop: () => {
      isStopped = true;
    },
  };
}

/** What could not be written now, and why. */
interface Unrecorded {
  readonly left: readonly Ended[];
  readonly error?: StoreUnavailableError;
}

/** Records all at once, or where one cannot be written, one by one: it must not hold up the others. */
function createRecording(
  { store, now, report, health: healthOf, onKept, onSettled, onUnwritable }: SettlerOptions,
  journal: OpenBatches,
): (ended: readonly Ended[]) => Promise<Unrecorded> {
  const settle = async (ended: readonly Ended[]): Promise<void> => {
    const nowMs = now();
    const settlements = ended.map(({ settlement }) => settlement);
    const health = healthOf(settlements, nowMs);
    const batches = ended.map(({ batch }) => batch);
    const finishedBatches = journal.finishedWith(batches);
    const settled = await store.settle({ settlements, health, finishedBatches, nowMs });
    journal.recorded(batches, finishedBatches);
    onKept(health, nowMs);
    for (const [index, settlement] of settlements.entries()) onSettled(settlement, settled[index] === true);
  };

  /** What cannot be written may be what it carries: then that goes without. */
  const settleOne = async (ended: Ended): Promise<void> => {
    try {
      await settle([ended]);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      report({ kind: "fault", error });
      await settle([{ ...ended, settlement: bareOf(ended.settlement) }]);
    }
  };

  const settleEach = async (ended: readonly Ended[]): Promise<Unrecorded> => {
    for (const [index, one] of ended.entries()) {
      try {
        await settleOne(one);
      } catch (error) {
        if (error instanceof StoreUnavailableError) return { left: ended.slice(index), error };
        report({ kind: "fault", error });
        onUnwritable(one.settlement, one.batch);
      }
    }
    return { left: [] };
  };

  return async (ended) => {
    try {
      await settle(ended);
      return { left: [] };
    } catch (error) {
      return error instanceof StoreUnavailableError ? { left: ended, error } : settleEach(ended);
    }
  };
}

/** The same without what the endpoint answered, and without telling of it. */
function bareOf({
  announcements: _,
  attempt: { response: __, ...attempt },
  ...rest
}: Settlement): Settlement {
  return { ...rest, attempt };
}

/** What else ends in this turn shares the commit; while most attempts are under way still, so does what ends soon. */
async function gather(
  { timers, gatherMs, inFlight }: SettlerOptions,
  waitingCount: () => number,
): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (waitingCount() < inFlight() / 2) await sleep(timers, gatherMs);
}
