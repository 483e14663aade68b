import { troubleOf, type Report } from "../report.ts";
import type { OwnedShard, Store } from "../store.ts";
import { createAlarm } from "./alarm.ts";
import type { Lanes } from "./lanes.ts";
import type { Timers } from "./timers.ts";

export interface ScanOptions {
  readonly store: Pick<Store, "due">;
  readonly lanes: Pick<Lanes, "refresh" | "tidy">;
  readonly owned: () => ReadonlyMap<number, OwnedShard>;
  readonly now: () => number;
  readonly timers: Timers;
  readonly report: Report;
  /** How often to look when nothing is expected. */
  readonly pollMs: number;
  readonly onScanned: () => Promise<void>;
}

/** Looks for endpoints with something due: when something is expected, every `pollMs`, and when it is asked to. */
export interface Scan {
  start(): void;
  stop(): void;
  /** One at a time; asked meanwhile or too soon after one, it scans again after a rest. */
  scan(): Promise<void>;
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

/** How long to rest after a scan that took so long. */
export function restAfter(tookMs: number): number {
  return Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, REST_FACTOR * tookMs));
}

export function createScan({
  store,
  lanes,
  owned,
  now,
  timers,
  report,
  pollMs,
  onScanned,
}: ScanOptions): Scan {
  const alarm = createAlarm({ now, timers }, () => void scan());
  let isRunning = false;
  let isScanning = false;
  let isAskedAgain = false;
  let restUntil = 0;

  async function scan(): Promise<void> {
    if (!isRunning) return;
    if (isScanning) {
      isAskedAgain = true;
      return;
    }
    const restMs = restUntil - timers.elapsed();
    if (restMs > 0) return alarm.at(now() + restMs);
    isScanning = true;
    await look();
    isScanning = false;
    if (isAskedAgain) alarm.at(now() + restUntil - timers.elapsed());
    isAskedAgain = false;
    await onScanned();
  }

  async function look(): Promise<void> {
    const startedMs = now();
    const started = timers.elapsed();
    try {
      const shards = [...owned().values()];
      const { endpoints, nextDueMs = Infinity } = await store.due({ shards, nowMs: startedMs });
      lanes.refresh(endpoints);
      lanes.tidy(startedMs);
      alarm.at(Math.min(nextDueMs, startedMs + pollMs));
    } catch (error) {
      report(troubleOf("due", error));
      alarm.at(startedMs + pollMs);
    }
    restUntil = timers.elapsed() + restAfter(timers.elapsed() - started);
  }

  return {
    start() {
      isRunning = true;
      alarm.at(now() + pollMs);
    },
    stop() {
      isRunning = false;
      alarm.stop();
    },
    scan,
    expect: (dueMs) => alarm.at(dueMs),
  };
}
