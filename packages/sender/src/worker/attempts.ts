import { afterAttempt } from "../core/delivery.ts";
import type { Attempt, Endpoint } from "../core/model.ts";
import type { AttemptResult } from "../core/outcome.ts";
import type { NoticeOf } from "../deprecations.ts";
import type { Report, SenderReport } from "../report.ts";
import type { OwnedShard, Settlement, TakenDelivery } from "../store.ts";
import type { Transport } from "../transport.ts";
import type { Timers } from "./timers.ts";

export interface AttemptsOptions {
  readonly transport: Transport;
  readonly noticeOf: NoticeOf;
  /** For endpoints without a schedule of their own. */
  readonly schedule: readonly number[];
  readonly now: () => number;
  /** The time that is signed and recorded. */
  readonly wall: () => number;
  readonly random: () => number;
  readonly timers: Timers;
  readonly report: Report;
  /** Whether a shard is still this worker's: else somebody else sends what it has taken. */
  readonly isHeld: (owned: OwnedShard) => boolean;
}

/** Makes one attempt and decides what comes next. An error of ours while it is made is a failure as well. */
export function createAttempt(options: AttemptsOptions) {
  const { schedule, now, wall, random } = options;
  return async (delivery: TakenDelivery, endpoint: Endpoint): Promise<Settlement> => {
    const startedAtMs = wall();
    const result = await resultOf({ delivery, endpoint, startedAtMs }, options);
    const next = afterAttempt(result, {
      schedule: endpoint.schedule ?? schedule,
      step: delivery.scheduleStep + 1,
      nowMs: now(),
      random,
    });
    const settlement = { delivery, attempt: attemptOf(delivery, startedAtMs, result), next };
    return result.outcome === "gone" ? { ...settlement, disableEndpoint: "gone" } : settlement;
  };
}

interface Begun {
  readonly delivery: TakenDelivery;
  readonly endpoint: Endpoint;
  readonly startedAtMs: number;
}

async function resultOf(
  { delivery, endpoint, startedAtMs }: Begun,
  { transport, noticeOf, isHeld, timers, report }: AttemptsOptions,
): Promise<AttemptResult> {
  const { event, fault } = delivery;
  if (fault !== undefined) return { outcome: fault, durationMs: 0 };
  const started = timers.elapsed();
  try {
    return await transport.send({
      endpoint,
      event,
      headers: noticeOf(event.type, event.version),
      nowMs: startedAtMs,
      isWanted: () => isHeld(delivery),
    });
  } catch (error) {
    report({ kind: "fault", error });
    return { outcome: "internal_error", durationMs: Math.round(timers.elapsed() - started) };
  }
}

/** What has no status has no response. */
function attemptOf({ id, attempts }: TakenDelivery, startedAtMs: number, result: AttemptResult): Attempt {
  const { outcome, durationMs, status, response } = result;
  const attempt = { delivery: id, number: attempts + 1, startedAtMs, outcome, durationMs };
  if (status === undefined) return attempt;
  return response === undefined ? { ...attempt, status } : { ...attempt, status, response };
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
