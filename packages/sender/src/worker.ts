import { defaultSchedule } from "@hooks/retry";
import type { NoticeOf } from "./deprecations.ts";
import type { Announce } from "./operational-events.ts";
import type { Report } from "./report.ts";
import type { AnnounceDeath, Settlement, Store, WorkerIdentity } from "./store.ts";
import type { Transport } from "./transport.ts";
import { reportOf } from "./worker/attempts.ts";
import { createChores, type Chore } from "./worker/chores.ts";
import { createWorkerClock } from "./worker/clock.ts";
import { createExchange } from "./worker/exchange.ts";
import { createForgetting } from "./worker/forgetting.ts";
import { createIntake } from "./worker/intake.ts";
import { createLanes } from "./worker/lanes.ts";
import { createOwnership } from "./worker/ownership.ts";
import { every, sleep, systemTimers, type Timers } from "./worker/timers.ts";
import { createSending } from "./worker/sending.ts";

export interface WorkerOptions {
  readonly store: Store;
  readonly transport: Transport;
  /** What subscribers are told of their endpoints and deliveries. Default: nothing. */
  readonly announce?: Announce;
  readonly announceDeath?: AnnounceDeath;
  /** What deliveries of a deprecated version carry besides. */
  readonly noticeOf: NoticeOf;
  readonly identity: WorkerIdentity;
  readonly report: Report;
  readonly now: () => number;
  /** Milliseconds by a clock that nobody can set. Given where `now` is the machine's clock, which somebody may set. */
  readonly elapsed?: (() => number) | undefined;
  readonly random: () => number;
  /** How it waits. Default: as time passes. */
  readonly timers?: Timers;
  /** While many attempts are under way, results that come within this time share a commit. Default 1 ms. */
  readonly gatherMs?: number;
  /** Milliseconds before each attempt, the first 0, for endpoints without a schedule of their own. */
  readonly schedule?: readonly number[];
  /**
   * Attempts in flight at once, over all endpoints. Default 500. Up to twice as many while endpoints hang that worked when
   * theirs were begun: others are not to wait for them.
   */
  readonly concurrency?: number;
  /** How long the worker's shards stay its own after a heartbeat. Default 10,000 ms. */
  readonly leaseMs?: number;
  /** Default 3,000 ms: three heartbeats may fail before the lease ends. */
  readonly heartbeatMs?: number;
  /** How often to look for what other processes have published. Default 1,000 ms. */
  readonly pollMs?: number;
  /** A delivery that was in flight in so many crashes is dead. Default 3. */
  readonly maxInterruptions?: number;
  /** What one process does for all: the one that owns the first shard. Default: nothing. */
  readonly chores?: readonly Chore[];
}

/** Delivers what is due, from `start` to `stop`. */
export interface Worker {
  start(): Promise<void>;
  /** Says that these endpoints have been given deliveries, so that nobody has to look for them, here or elsewhere. */
  wake(endpoints: readonly string[]): void;
  /** Takes nothing more, waits for what is in flight (up to `timeoutMs`, default 20,000), and hands its shards over. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export const WORKER_DEFAULTS = {
  schedule: defaultSchedule,
  concurrency: 500,
  leaseMs: 10_000,
  heartbeatMs: 3_000,
  pollMs: 1_000,
  maxInterruptions: 3,
  chores: [],
  timers: systemTimers,
  gatherMs: 1,
} as const;

const SUCCESSOR_MS = 25;

/** Lease, take, attempt, decide, settle, report. */
export function createWorker(options: WorkerOptions): Worker {
  const clock = createWorkerClock({ now: options.now, elapsed: options.elapsed });
  const { now } = clock;
  const settings = { ...WORKER_DEFAULTS, ...options, now, wall: clock.wall };
  const { report, timers } = settings;
  const lanes = createLanes(settings.announce);
  const ownership = createOwnership({
    ...settings,
    isBusy: lanes.isBusy,
    onTime: clock.set,
    onWon: lanes.adopt,
    onLost: lanes.leave,
  });
  const owned = ownership.active;
  const sending = createSending({ ...settings, lanes, isHeld: ownership.holds, onSettled });
  const intake = createIntake({ ...settings, lanes, owned, ...sending });
  const forgetting = createForgetting({ ...settings, lanes });
  let stopBeating: (() => void) | undefined;
  let isStarted = false;
  const chores = createChores({ ...settings, now: clock.wall, isInCharge: () => owned().has(0) });
  const exchange = createExchange({ ...settings, owned, lanes, intake, chores, onShards: () => void beat() });

  function onSettled(settlement: Settlement, settled: boolean): void {
    const { next, delivery } = settlement;
    if (next.state === "scheduled") intake.expect(next.dueMs);
    else if (delivery.orderKey !== undefined) {
      // The next of its key is due, or will be when a publisher commits that is writing it just now.
      lanes.refresh([{ id: delivery.endpoint }]);
      intake.expect(now() + SUCCESSOR_MS);
    }
    report(reportOf(settlement, settled, now()));
    ownership.drained();
    void intake.pump();
  }

  async function beat(): Promise<void> {
    const hasWon = await ownership.renew();
    if (hasWon) await intake.scan();
    if (isStarted) await forgetting.look();
  }

  return {
    async start() {
      isStarted = true;
      intake.start();
      stopBeating = every(timers, settings.heartbeatMs, () => void beat());
      exchange.start();
      await beat();
      if (isStarted) chores.start();
    },
    wake(endpoints) {
      exchange.tell(endpoints);
      if (!isStarted) return;
      lanes.wake(endpoints);
      void intake.pump();
    },
    async stop({ timeoutMs = 20_000 } = {}) {
      const deadlineMs = timers.elapsed() + timeoutMs;
      isStarted = false;
      exchange.stop();
      const chored = chores.stop();
      intake.stop();
      const left = ownership.leave();
      while ((intake.isTaking() || lanes.inFlight() > 0) && timers.elapsed() < deadlineMs) {
        ownership.drained();
        await sleep(timers, 10);
      }
      stopBeating?.();
      await Promise.all([chored, left]);
      sending.stop();
      await ownership.releaseIdle();
    },
  };
}
