import type { Endpoint, EventRecord } from "../../core/model.ts";
import type { Replay, ReplayFilter, ReplayState } from "../../core/replay.ts";
import type { Rendered } from "./outbox.ts";
import type { Page } from "./page.ts";
import type { Added, Idempotency } from "./registry.ts";
import type { Announcement } from "./settlement.ts";

export interface Replays {
  /** Keeps a running replay of the endpoints that its subscriber has now. */
  addReplay(replay: Replay, idempotency?: Idempotency): Promise<Added<Replay>>;
  getReplay(id: string): Promise<Replay | undefined>;
  /** Newest first. */
  listReplays(page: Page & ReplaysFilter): Promise<readonly Replay[]>;
  /** Pauses, resumes or cancels one that is not over. Undefined when there is none or it is. */
  changeReplay(change: ReplayChange): Promise<Replay | undefined>;
  /**
   * Goes on with a running replay by one step, atomically: the next deliveries of one endpoint that are selected are due
   * again, with their schedules anew, behind what is due already, and within their order. None is looked at twice, so none
   * is made due twice by one replay. What a step costs depends on `limit` only.
   */
  advanceReplay(step: ReplayStep): Promise<ReplayProgress>;
  /** Counts a little of what a replay would send again. What it costs depends on `limit` only. */
  countReplay(request: CountRequest): Promise<Count>;
}

export interface ReplaysFilter {
  readonly subscriber?: string;
  readonly state?: ReplayState;
}

export interface ReplayChange {
  readonly id: string;
  readonly to: Exclude<ReplayState, "finished">;
  readonly nowMs: number;
  /** What is told when it is cancelled. Does not throw. */
  readonly announce?: AnnounceReplay | undefined;
}

/** What is to be told of a replay that is over; written into the `outbox` table together with its end. */
export type AnnounceReplay = (replay: Replay) => Announcement | undefined;

export interface ReplayStep {
  readonly id: string;
  readonly nowMs: number;
  /** How many deliveries to look at. */
  readonly limit: number;
  /** What a delivery sends that could not be rendered before; undefined where it cannot be now either. Does not throw. */
  readonly render: (event: EventRecord, endpoint: Endpoint) => Rendered | undefined;
  /** What is told when it has finished. Does not throw. */
  readonly announce?: AnnounceReplay | undefined;
}

export interface ReplayProgress {
  /** Endpoints that were given something to send. */
  readonly endpoints: readonly string[];
  /** When there is more to do; absent when it does not run, or not any more. */
  readonly nextMs?: number;
}

/** Where counting has come to. */
export interface CountPosition {
  readonly endpoint: string;
  /** Of the last delivery that was looked at. */
  readonly id: string;
}

export interface CountRequest {
  readonly filter: ReplayFilter;
  readonly after?: CountPosition | undefined;
  /** How many deliveries to look at. */
  readonly limit: number;
}

export interface Count {
  readonly count: number;
  /** Where to go on; absent at the end. */
  readonly after?: CountPosition;
}
