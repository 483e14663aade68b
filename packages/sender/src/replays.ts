import { FINISHED_STATES, type FinishedState, type Replay, type ReplayFilter } from "./core/replay.ts";
import type { Contracts } from "./contracts.ts";
import { checkEventTypes } from "./endpoint-input.ts";
import type { CallOptions } from "./endpoints.ts";
import { SenderError } from "./errors.ts";
import type { Ids } from "./ids.ts";
import { checkPeriod } from "./period.ts";
import type { AnnounceReplay, Count, Page, ReplaysFilter, Store } from "./store.ts";

/** What is to be sent again: deliveries of one endpoint, or of all endpoints of a subscriber, that came to their end. */
export interface ReplayInput {
  /** One of the two is needed. */
  readonly endpoint?: string;
  readonly subscriber?: string;
  /** Exact types or `resource.*`. Default: all. */
  readonly eventTypes?: readonly string[];
  /** Default: `dead`. */
  readonly states?: readonly FinishedState[];
  /** Of events that were published at this time or later, in Unix milliseconds. Default: all. */
  readonly fromMs?: number;
  /** Of events that were published before this time. Default, and at the most: now. */
  readonly toMs?: number;
  /** How many a second at the most: an integer from 1 to 10,000. Default: as fast as endpoints take them. */
  readonly perSecond?: number;
}

/** Since when an endpoint is to get what it missed. */
export interface RecoverInput {
  readonly sinceMs: number;
  readonly perSecond?: number;
}

/** What a replay would send. */
export interface ReplayCount {
  readonly count: number;
  /** False where counting was given up: there are more. */
  readonly isCounted: boolean;
}

/**
 * Jobs that send deliveries again: the same events under the same ids, as further attempts, in the order of their
 * endpoints, and without keeping what is published meanwhile waiting. One is carried out by whichever process is in charge,
 * also after a crash; it sends no delivery twice. Verbs reject with a `SenderError` when they are refused.
 */
export interface Replays {
  create(input: ReplayInput, options?: CallOptions): Promise<Replay>;
  /** What `create` would send, without doing so. */
  count(input: ReplayInput): Promise<ReplayCount>;
  /** Sends one endpoint what died or was cancelled of what was published since a time. */
  recover(endpoint: string, input: RecoverInput, options?: CallOptions): Promise<Replay>;
  get(id: string): Promise<Replay>;
  /** Newest first. */
  list(page: Page & ReplaysFilter): Promise<readonly Replay[]>;
  pause(id: string): Promise<Replay>;
  resume(id: string): Promise<Replay>;
  /** Ends it; what it has made due already is sent. */
  cancel(id: string): Promise<Replay>;
}

export interface ReplaysOptions {
  readonly store: Store;
  readonly contracts: Contracts;
  readonly newId: Ids;
  readonly now: () => number;
  readonly digest: (value: unknown) => string;
  readonly announce: AnnounceReplay;
}

export function createReplays(options: ReplaysOptions): Replays {
  const { store, newId, now, digest, announce } = options;
  const create = async (input: ReplayInput, { idempotencyKey }: CallOptions = {}): Promise<Replay> => {
    const filter = await readFilter(input, options);
    const { count, isCounted } = await countAll(store, filter);
    const nowMs = now();
    const replay: Replay = {
      id: newId("rpl"),
      filter,
      ...(input.perSecond === undefined ? {} : { perSecond: input.perSecond }),
      state: "running",
      selected: count,
      isCounted,
      replayed: 0,
      skipped: 0,
      createdAtMs: nowMs,
    };
    const idempotency =
      idempotencyKey === undefined
        ? undefined
        : { key: `replay ${idempotencyKey}`, digest: digest(input), nowMs };
    const result = await store.addReplay(replay, idempotency);
    if (!result.ok) throw new SenderError(result.code, "The idempotency key was used for another request");
    return result.added;
  };
  const get = async (id: string): Promise<Replay> => {
    const replay = await store.getReplay(id);
    if (replay === undefined) throw new SenderError("replay_not_found", "There is no such replay");
    return replay;
  };
  const change = async (id: string, to: "running" | "paused" | "cancelled"): Promise<Replay> => {
    const changed = await store.changeReplay({ id, to, nowMs: now(), announce });
    if (changed === undefined)
      throw new SenderError("replay_over", `The replay is ${(await get(id)).state}; it cannot be changed`);
    return changed;
  };
  return {
    create,
    count: async (input) => countAll(store, await readFilter(input, options)),
    recover: (endpoint, { sinceMs, ...rest }, callOptions) =>
      create({ ...rest, endpoint, states: ["dead", "cancelled"], fromMs: sinceMs }, callOptions).catch(
        sinceFrom,
      ),
    get,
    list: (page) => store.listReplays(page),
    pause: (id) => change(id, "paused"),
    resume: (id) => change(id, "running"),
    cancel: (id) => change(id, "cancelled"),
  };
}

/** What is wrong with the beginning of a recovery stands at `since`. */
function sinceFrom(error: unknown): never {
  if (!(error instanceof SenderError)) throw error;
  const issues = error.issues.map((issue) =>
    ["/from", "/to"].includes(issue.pointer)
      ? { ...issue, pointer: "/since", message: "Expected a time since 1970 that is over" }
      : issue,
  );
  throw new SenderError(error.code, issues[0]?.message ?? error.message, { issues, cause: error });
}

async function readFilter(input: ReplayInput, options: ReplaysOptions): Promise<ReplayFilter> {
  const { contracts, now } = options;
  const { eventTypes = [], states = ["dead"], fromMs, perSecond, endpoint } = input;
  const nowMs = now();
  checkEventTypes(eventTypes, contracts);
  const isOfStates = states.length > 0 && states.every((state) => FINISHED_STATES.includes(state));
  if (!isOfStates || new Set(states).size < states.length)
    refuse("/states", `Expected different ones of ${FINISHED_STATES.join(", ")}, at least one`);
  checkPeriod(input);
  if (fromMs !== undefined && fromMs >= nowMs) refuse("/from", "Expected a time that is over");
  if (perSecond !== undefined && !(Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= 10_000))
    refuse("/perSecond", "Expected an integer from 1 to 10000");
  return {
    subscriber: await subscriberOf(input, options),
    ...(endpoint === undefined ? {} : { endpoint }),
    eventTypes,
    states,
    ...(fromMs === undefined ? {} : { fromMs }),
    // Not what is published in this millisecond: it may be sent just now.
    toMs: Math.min(input.toMs ?? nowMs, nowMs),
  };
}

async function subscriberOf(
  { endpoint, subscriber }: ReplayInput,
  { store }: Pick<ReplaysOptions, "store">,
): Promise<string> {
  if (endpoint !== undefined) {
    const found = await store.getEndpoint(endpoint);
    if (found !== undefined && found.subscriber === (subscriber ?? found.subscriber)) return found.subscriber;
    const message = "There is no such endpoint";
    const issues = [{ pointer: "/endpoint", code: "endpoint_not_found", message }];
    throw new SenderError("endpoint_not_found", message, { issues });
  }
  if (subscriber === undefined) return refuse("/endpoint", "Expected an endpoint or a subscriber");
  if ((await store.getSubscriber(subscriber)) !== undefined) return subscriber;
  const message = "There is no such subscriber";
  const issues = [{ pointer: "/subscriber", code: "subscriber_not_found", message }];
  throw new SenderError("subscriber_not_found", message, { issues });
}

/** How many deliveries are looked at in one step of counting, and in all. */
const COUNT_STEP = 1_000;
const MOST_COUNTED = 100_000;

async function countAll(store: Pick<Store, "countReplay">, filter: ReplayFilter): Promise<ReplayCount> {
  let total = 0;
  let after: Count["after"];
  for (let looked = 0; looked < MOST_COUNTED; looked += COUNT_STEP) {
    const counted: Count = await store.countReplay({ filter, limit: COUNT_STEP, after });
    total += counted.count;
    after = counted.after;
    if (after === undefined) return { count: total, isCounted: true };
  }
  return { count: total, isCounted: false };
}

function refuse(pointer: string, message: string): never {
  const issues = [{ pointer, code: "validation_failed", message }];
  throw new SenderError("validation_failed", message, { issues });
}
