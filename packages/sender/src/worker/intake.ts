import type { Report } from "../report.ts";
import type { Batch, OwnedShard, Store, TakeFrom, WorkerIdentity } from "../store.ts";
import { createAlarm } from "./alarm.ts";
import { sleep, type Timers } from "./timers.ts";
import { REST_MS } from "./lane.ts";
import type { Lanes } from "./lanes.ts";

export interface IntakeOptions {
  readonly store: Pick<Store, "due" | "take">;
  readonly identity: WorkerIdentity;
  readonly lanes: Lanes;
  readonly owned: () => ReadonlyMap<number, OwnedShard>;
  readonly now: () => number;
  readonly timers: Timers;
  readonly report: Report;
  /** Attempts in flight at once, over all endpoints. */
  readonly concurrency: number;
  /** While there is little room, what becomes free within this time is taken for together. */
  readonly gatherMs: number;
  readonly pollMs: number;
  /** Gets every batch that was taken. */
  readonly begin: (batch: Batch) => void;
}

/** Finds what is due and takes as much of it as there is room for. */
export interface Intake {
  start(): void;
  /** Asks for nothing more. */
  stop(): void;
  /** What has been asked for has not come yet. */
  isTaking(): boolean;
  /** Looks for endpoints with something due. */
  scan(): Promise<void>;
  /** Takes from the endpoints known to have something due, while there is room. */
  pump(): Promise<void>;
  /** Something comes due then. */
  expect(dueMs: number): void;
}

/**
 * A scan walks over all endpoints that wait, so it rests ten times as long as it took; but on a machine that is busy with
 * something else, or a store that is slow, what is due must not wait for minutes.
 */
const REST_FACTOR = 10;
const MIN_REST_MS = 20;
const MAX_REST_MS = 2_000;

const TAKING = Promise.resolve();

/** How long to rest after a scan that took so long. */
export function restAfter(tookMs: number): number {
  return Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, REST_FACTOR * tookMs));
}

export function createIntake(options: IntakeOptions): Intake {
  const { store, identity, lanes, owned, now, timers, report, concurrency, pollMs, begin } = options;
  const alarm = createAlarm(options, () => void scan());
  const restAlarm = createAlarm(options, () => void pump());
  let isRunning = false;
  let isTaking = false;
  let restUntil = 0;

  async function scan(): Promise<void> {
    if (!isRunning) return;
    const startedMs = now();
    const restMs = restUntil - timers.elapsed();
    if (restMs > 0) return alarm.at(startedMs + restMs);
    const started = timers.elapsed();
    try {
      const shards = [...owned().values()];
      const { endpoints, nextDueMs = Infinity } = await store.due({ shards, nowMs: startedMs });
      lanes.refresh(endpoints);
      lanes.tidy(startedMs);
      alarm.at(Math.min(nextDueMs, startedMs + pollMs));
    } catch (error) {
      report({ kind: "store_unavailable", during: "due", error });
      alarm.at(startedMs + pollMs);
    }
    restUntil = timers.elapsed() + restAfter(timers.elapsed() - started);
    await pump();
  }

  const next = async () => {
    await gatherRoom(options);
    const room = { limit: lanes.room(concurrency), concurrency, owned: owned(), nowMs: now() };
    return isRunning ? lanes.next(room) : [];
  };

  /** Nothing is awaited between `taken` and `begin`, or a lane settled meanwhile would be forgotten in between. */
  async function takeFrom(from: readonly TakeFrom[]): Promise<void> {
    let batch: Batch | undefined;
    try {
      batch = await store.take({ worker: identity.id, nowMs: now(), from });
    } finally {
      lanes.taken(from, batch);
    }
    if (batch.nextDueMs !== undefined) alarm.at(batch.nextDueMs);
    begin(batch);
  }

  /** Called for every attempt that ends, so it is mostly a no. */
  const pump = () => (isTaking ? TAKING : takeAll());

  async function takeAll(): Promise<void> {
    isTaking = true;
    try {
      for (let from = await next(); from.length > 0; from = await next()) await takeFrom(from);
    } catch (error) {
      report({ kind: "store_unavailable", during: "take", error });
    } finally {
      isTaking = false;
      if (isRunning && lanes.isResting()) restAlarm.at(now() + REST_MS);
      if (isRunning) restAlarm.at(lanes.wakesAtMs() ?? Infinity);
    }
  }

  return {
    start: () => {
      isRunning = true;
      alarm.at(now() + pollMs);
    },
    stop: () => {
      isRunning = false;
      alarm.stop();
      restAlarm.stop();
    },
    isTaking: () => isTaking,
    scan,
    pump,
    expect: (dueMs) => alarm.at(dueMs),
  };
}

/** What else ends in this turn makes room too; while most of the room is taken, what ends soon does. */
function gatherRoom({ lanes, concurrency, timers, gatherMs }: IntakeOptions): Promise<void> {
  return lanes.room(concurrency) < concurrency / 2
    ? sleep(timers, gatherMs)
    : new Promise((resolve) => setImmediate(resolve));
}
