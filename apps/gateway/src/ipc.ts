import type { Worker } from "node:cluster";
import type { DrainStage } from "@hooks/http-server";
import type { BudgetOwner, Grant } from "./budget.ts";
import type { Config } from "./config.ts";
import type { MetricsSnapshot } from "./metrics.ts";

/** What the primary process tells a worker. */
export type ToWorker =
  /** Answered by `started`, from then on by `configured` with the same `id`. */
  | {
      readonly kind: "configure";
      readonly id: number;
      readonly config: Config;
      /** Since when it holds. */
      readonly sinceMs: number;
      readonly processes: number;
    }
  | { readonly kind: "collect"; readonly id: number }
  | { readonly kind: "answer"; readonly id: number; readonly value: Answers[keyof Answers] };

/** What a worker tells the primary process. */
export type ToPrimary =
  | { readonly kind: "ready" }
  | { readonly kind: "started"; readonly port: number }
  /** It cannot take requests, and ends. */
  | { readonly kind: "failed"; readonly problem: string }
  /** It follows the configuration; with a problem it goes on as it was. */
  | { readonly kind: "configured"; readonly id: number; readonly problem?: string }
  | { readonly kind: "collected"; readonly id: number; readonly snapshot: MetricsSnapshot }
  | ({ readonly kind: "ask"; readonly id: number } & Question);

/** What workers ask. */
export type Question =
  | { readonly about: "snapshots" }
  | { readonly about: "budget"; readonly owner: BudgetOwner; readonly requests: number }
  /** Answered when all workers have come as far. */
  | { readonly about: "drain"; readonly stage: DrainStage };

export interface Answers {
  readonly snapshots: readonly MetricsSnapshot[];
  readonly budget: Grant;
  readonly drain: undefined;
}

/** Sends to a worker that may be about to end. */
export function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {});
}
