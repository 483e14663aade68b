import type { Destination } from "./destination.ts";
import type { ClaimedEntry, Inbox } from "./inbox.ts";
import { findLanes, type Lane } from "./lanes.ts";
import type { Slots } from "./slots.ts";
import { pause, within } from "./within.ts";

export interface ClaimingOptions {
  readonly inbox: Pick<Inbox, "owed" | "wait">;
  readonly routes: Readonly<Record<string, readonly Destination[]>>;
  readonly slots: Pick<Slots<ClaimedEntry>, "free" | "woken" | "ring">;
  readonly pollMs: number;
  /** Claims what there is room for on a lane, and begins to deliver it; gives how many. May reject. */
  readonly claim: (lane: Lane) => Promise<number>;
  readonly report: (report: InboxReport) => void;
}

/** When the first source cannot be claimed from, and when all can again. */
export type InboxReport =
  | { readonly kind: "inbox_unavailable"; readonly error: unknown }
  | { readonly kind: "inbox_available" };

/** A source, and how claiming from it goes. */
interface Claimed {
  readonly source: string;
  readonly destinations: readonly Destination[];
  lanes?: readonly Lane[];
  /** In a row. */
  failures: number;
  restsUntilMs: number;
  /** A claim is under way. */
  claiming?: Promise<void> | undefined;
}

/** Sources whose server has not answered by then are left behind by the others. */
const roundMs = 100;
const longestRestMs = 2_000;

/**
 * Claims from every source, again and again, until told to stop. In a cluster each source may be away on its own: one that
 * does not answer, or fails, is tried again by itself and holds up no other.
 */
export async function claimUntil(stopping: AbortSignal, options: ClaimingOptions): Promise<void> {
  const { inbox, routes, slots, pollMs } = options;
  const sources = Object.entries(routes)
    .filter(([, destinations]) => destinations.length > 0)
    .map(([source, destinations]): Claimed => ({ source, destinations, failures: 0, restsUntilMs: 0 }));
  const round: Round = { ...options, sources, claimed: 0 };
  while (!stopping.aborted) {
    // Asked for before the claims: a slot that is freed while another lane is being claimed for must end the wait.
    const woken = slots.woken();
    round.claimed = 0;
    const nowMs = performance.now();
    const asked = sources.filter((one) => one.claiming === undefined && one.restsUntilMs <= nowMs);
    for (const one of asked) one.claiming = claimFrom(round, one);
    await within(roundMs, Promise.all(asked.map(({ claiming }) => claiming)));
    if (round.claimed > 0) continue;
    const signal = AbortSignal.any([stopping, woken]);
    const healthy = sources.filter(({ failures, claiming }) => failures === 0 && claiming === undefined);
    const open = healthy.filter(({ lanes = [] }) => lanes.some(({ name }) => slots.free(name) > 0));
    // While the inbox is away, waiting on it may return at once; a plain pause keeps the loop from spinning.
    if (healthy.length === 0) await pause(pollMs, signal);
    else await inbox.wait({ sources: open.map(({ source }) => source), timeoutMs: pollMs, signal });
  }
  await Promise.all(sources.map(({ claiming }) => claiming));
}

interface Round extends ClaimingOptions {
  readonly sources: readonly Claimed[];
  claimed: number;
}

/** Claims for every lane of a source that has room. Never rejects. */
async function claimFrom(round: Round, one: Claimed): Promise<void> {
  const { inbox, slots, claim, report, sources, pollMs } = round;
  const startedMs = performance.now();
  try {
    one.lanes ??= await findLanes(inbox, one.source, one.destinations);
    const open = one.lanes.filter(({ name }) => slots.free(name) > 0);
    const counts = await Promise.all(open.map(claim));
    for (const count of counts) round.claimed += count;
    const hadFailed = one.failures > 0;
    one.failures = 0;
    if (hadFailed && sources.every(({ failures }) => failures === 0)) report({ kind: "inbox_available" });
  } catch (error) {
    const isFirst = sources.every(({ failures }) => failures === 0);
    one.failures += 1;
    one.restsUntilMs = performance.now() + Math.min(pollMs * one.failures, longestRestMs);
    if (isFirst) report({ kind: "inbox_unavailable", error });
  } finally {
    one.claiming = undefined;
    // The round may have ended without it.
    if (performance.now() - startedMs >= roundMs) slots.ring();
  }
}
