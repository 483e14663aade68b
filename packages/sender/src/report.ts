import type { AttemptOutcome, NextStep } from "./core/model.ts";
import type { RenderFailure } from "./render.ts";
import { StoreUnavailableError } from "./store.ts";

/** What a sender tells about its work: one wide event for each attempt that it saw end, and its troubles. */
export type SenderReport =
  | {
      readonly kind: "attempted";
      readonly delivery: string;
      readonly event: string;
      readonly eventType: string;
      readonly endpoint: string;
      readonly subscriber: string;
      /** From 1. */
      readonly attempt: number;
      readonly outcome: AttemptOutcome;
      readonly status: number | undefined;
      readonly durationMs: number;
      readonly next: NextStep;
      /** From the publish to the end of the attempt. */
      readonly ageMs: number;
      /** False when another worker had taken the endpoint over meanwhile; it will send again. */
      readonly settled: boolean;
    }
  | {
      /** An event was published that could not be made into what an endpoint gets; its delivery is dead. */
      readonly kind: "unrendered";
      readonly event: string;
      readonly eventType: string;
      readonly endpoint: string;
      readonly reason: RenderFailure;
      readonly error: unknown;
    }
  | {
      readonly kind: "store_unavailable";
      readonly during: "lease" | "due" | "take" | "settle" | "release" | "chore";
      readonly error: unknown;
    }
  | { readonly kind: "fault"; readonly error: unknown };

/** What the store was asked for. */
type StoreWork = Extract<SenderReport, { kind: "store_unavailable" }>["during"];

/** What is told of an error of the store: that it is away, or a fault of ours. */
export function troubleOf(during: StoreWork, error: unknown): SenderReport {
  return error instanceof StoreUnavailableError
    ? { kind: "store_unavailable", during, error }
    : { kind: "fault", error };
}

/** Should not throw; what it throws becomes a process warning. */
export type Report = (report: SenderReport) => void;
