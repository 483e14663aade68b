import { afterAttempt } from "../core/delivery.ts";
import type { Endpoint } from "../core/model.ts";
import type { AttemptResult } from "../core/outcome.ts";
import type { NoticeOf } from "../deprecations.ts";
import type { SenderReport } from "../report.ts";
import type { OwnedShard, Settlement, TakenDelivery } from "../store.ts";
import type { Transport } from "../transport.ts";

export interface AttemptsOptions {
  readonly transport: Transport;
  readonly noticeOf: NoticeOf;
  /** For endpoints without a schedule of their own. */
  readonly schedule: readonly number[];
  readonly now: () => number;
  /** The time that is signed and recorded. */
  readonly wall: () => number;
  readonly random: () => number;
  /** Whether a shard is still this worker's: else somebody else sends what it has taken. */
  readonly isHeld: (owned: OwnedShard) => boolean;
}

/** Makes one attempt and decides what comes next. */
export function createAttempt({ transport, noticeOf, schedule, now, wall, random, isHeld }: AttemptsOptions) {
  return async (delivery: TakenDelivery, endpoint: Endpoint): Promise<Settlement> => {
    const startedAtMs = wall();
    const { event, fault } = delivery;
    const result: AttemptResult =
      fault === undefined
        ? await transport.send({
            endpoint,
            event,
            headers: noticeOf(event.type, event.version),
            nowMs: startedAtMs,
            isWanted: () => isHeld(delivery),
          })
        : { outcome: fault, durationMs: 0 };
    const next = afterAttempt(result, {
      schedule: endpoint.schedule ?? schedule,
      step: delivery.scheduleStep + 1,
      nowMs: now(),
      random,
    });
    return {
      delivery,
      attempt: { delivery: delivery.id, number: delivery.attempts + 1, startedAtMs, ...recordOf(result) },
      next,
      ...(result.outcome === "gone" ? { disableEndpoint: "gone" } : {}),
    };
  };
}

function recordOf({ outcome, durationMs, status, response }: AttemptResult) {
  return {
    outcome,
    durationMs,
    ...(status === undefined ? {} : { status }),
    ...(response === undefined ? {} : { response }),
  };
}

/** The wide event of an attempt that was made. */
export function reportOf(
  { delivery, attempt, next }: Settlement,
  settled: boolean,
  nowMs: number,
): SenderReport {
  return {
    kind: "attempted",
    delivery: delivery.id,
    event: delivery.event.id,
    eventType: delivery.event.type,
    endpoint: delivery.endpoint,
    subscriber: delivery.subscriber,
    attempt: attempt.number,
    outcome: attempt.outcome,
    status: attempt.status,
    durationMs: attempt.durationMs,
    next,
    ageMs: nowMs - delivery.createdAtMs,
    settled,
  };
}
