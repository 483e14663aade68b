import { troubleOf } from "../report.ts";
import type { Batch, Store, TakeFrom, WorkerIdentity } from "../store.ts";
import { createAlarm } from "./alarm.ts";
import { REST_MS } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import { createOffering } from "./offering.ts";
import { createScan, type ScanOptions } from "./scan.ts";

export interface IntakeOptions extends Omit<ScanOptions, "store" | "lanes" | "onScanned"> {
  readonly store: Pick<Store, "due" | "take" | "forgetTaken" | "serve">;
  readonly identity: WorkerIdentity;
  readonly lanes: Lanes;
  /** Attempts in flight at once, over all endpoints; up to twice as many while endpoints hang that worked before. */
  readonly concurrency: number;
  /** Gets every batch that was taken. */
  readonly begin: (batch: Batch) => void;
  /** The batches that are in flight. */
  readonly batches: () => readonly number[];
}

/** Finds what is due and takes as much of it as there is room for. */
export interface Intake {
  start(): void;
  /** Asks for nothing more. */
  stop(): void;
  /** What has been asked for, or offered, has not come yet. */
  isTaking(): boolean;
  /** Looks for endpoints with something due; asked meanwhile, once more after that. */
  scan(): Promise<void>;
  /** Takes from the endpoints known to have something due, while there is room. */
  pump(): Promise<void>;
  /** Something comes due then. */
  expect(dueMs: number): void;
}

const TAKING = Promise.resolve();

export function createIntake(options: IntakeOptions): Intake {
  const { store, identity, lanes, owned, now, report, concurrency, begin, batches } = options;
  const scanning = createScan({ ...options, onScanned: () => pump() });
  const restAlarm = createAlarm(options, () => void pump());
  const offering = createOffering({
    ...options,
    mayOffer: () => isRunning && !isAnswerLost,
    onTaken(batch) {
      if (batch === undefined) isAnswerLost = true;
      else begin(batch);
      void pump();
    },
  });
  let isRunning = false;
  let isTaking = false;
  let isAnswerLost = false;
  let stopServing: (() => void) | undefined;

  const next = async () => {
    // Each time, for there may be no end of what is to be taken.
    if (isAnswerLost) await forgetTaken();
    // What else is settled in this turn makes room too.
    await new Promise((resolve) => setImmediate(resolve));
    const nowMs = now();
    const room = { limit: lanes.room(concurrency, nowMs), concurrency, owned: owned(), nowMs };
    return isRunning ? lanes.next(room) : [];
  };

  /** Nothing is awaited between `taken` and `begin`, or a lane settled meanwhile would be forgotten in between. */
  async function takeFrom(from: readonly TakeFrom[]): Promise<void> {
    const batch = await store.take({ worker: identity.id, nowMs: now(), from }).catch((error: unknown) => {
      isAnswerLost = true;
      lanes.taken(from);
      throw error;
    });
    lanes.taken(from, batch);
    if (batch.nextDueMs !== undefined) scanning.expect(batch.nextDueMs);
    begin(batch);
  }

  /** Called for every attempt that ends, so it is mostly a no. */
  const pump = () => (isTaking ? TAKING : takeAll());

  async function takeAll(): Promise<void> {
    isTaking = true;
    try {
      for (let from = await next(); from.length > 0; from = await next()) await takeFrom(from);
    } catch (error) {
      report(troubleOf("take", error));
    } finally {
      isTaking = false;
      if (isRunning && lanes.isResting()) restAlarm.at(now() + REST_MS);
      if (isRunning) restAlarm.at(lanes.wakesAtMs() ?? Infinity);
    }
  }

  /** What was taken and never heard of is due still, and must not count as in flight. */
  async function forgetTaken(): Promise<void> {
    // They are journalled, or will be, and their answers are on the way; after the last of them it comes here again.
    if (offering.open() > 0) return;
    await store.forgetTaken(identity.id, batches());
    isAnswerLost = false;
  }

  return {
    start: () => {
      isRunning = true;
      scanning.start();
      stopServing = store.serve(offering);
    },
    stop: () => {
      isRunning = false;
      stopServing?.();
      scanning.stop();
      restAlarm.stop();
    },
    isTaking: () => isTaking || offering.open() > 0,
    scan: scanning.scan,
    pump,
    expect: scanning.expect,
  };
}
