import type { NewEvent, Outbox, PublishResult, Taker } from "../../store.ts";
import { toColumns } from "./columns.ts";
import { createLikelyEndpoints } from "./likely-endpoints.ts";
import { openOffers } from "./open-offers.ts";
import type { Along } from "./taking-along.ts";
import {
  plainMembers,
  unpackResults,
  type PlainEvent,
  type PackedPublishRequest,
  type PackedResults,
} from "./plain-events.ts";
import type { Publishable } from "./outbox.ts";
import { readPreferences, type Wishes } from "../preferences.ts";
import { renderFor, type Rendering, type Target } from "../rendering.ts";

export type PlainAnswer =
  | { readonly kind: "done"; readonly results: PackedResults; readonly along?: Along | undefined }
  /** Nothing was kept: there are endpoints of these preferences. */
  | { readonly kind: "unrendered"; readonly preferences: readonly string[] };

export type PublishPlainly = (request: PackedPublishRequest) => Promise<PlainAnswer>;

/** There are endpoints that may get something else than the event as it was published. */
export class NotPlain extends Error {
  readonly preferences: readonly string[];
  constructor(preferences: readonly string[]) {
    super("An event has to be rendered");
    this.preferences = preferences;
  }
}

/** What each endpoint gets of a plain event. Throws `NotPlain`. */
export function renderPlainly(
  targets: readonly Target[],
  event: Publishable & Pick<PlainEvent, "ownFor">,
): readonly Rendering[] {
  const others = targets.filter(({ preferences }) => !event.ownFor.includes(preferences));
  if (others.length > 0) throw new NotPlain(others.map(({ preferences }) => preferences));
  return renderFor(targets, { ...event, render: renderOwn });
}

const renderOwn = () => ({ kind: "own" }) as const;

/** How long events of a type are published here after one of them had to be. */
const APART_MS = 10_000;
/** So many preferences of endpoints are told of; with more of them, events are published here. */
const MOST_KNOWN = 32;
/** Each may tell of preferences that another event of the same call meets. */
const MOST_TRIES = 3;

/**
 * Publishes elsewhere what goes out as it was published, and here what has to be rendered. Which preferences there are is
 * learned from the answers.
 */
export function createPlainPublishing(
  elsewhere: PublishPlainly,
  here: Outbox["publish"],
  takerNow: () => Taker | undefined = () => undefined,
): (events: readonly NewEvent[], nowMs: number) => Promise<readonly PublishResult[]> {
  const likely = createLikelyEndpoints();
  const known = new Map<string, Wishes>();
  let all: readonly string[] = [];
  /** Event type to the time until which it is published here. */
  const apart = new Map<string, number>();

  const isPlain = ({ type, render }: NewEvent): boolean =>
    render.isOwn !== undefined && performance.now() >= (apart.get(type) ?? 0);
  const toPlain = ({ render, announceDeath: _, envelope, ...event }: NewEvent): PlainEvent => {
    const others = [...known].filter(([, wishes]) => render.isOwn?.(wishes) !== true);
    return {
      ...event,
      ...envelope,
      // Mostly the same list for all.
      ownFor: others.length === 0 ? all : all.filter((text) => others.every(([other]) => other !== text)),
    };
  };
  /** Whether there are some that were not told of, so that it is worth another try. */
  const learn = (preferences: readonly string[], told: readonly string[]): boolean => {
    const unknown = new Set(preferences.filter((text) => !known.has(text)));
    if (unknown.size > MOST_KNOWN) return false;
    if (known.size + unknown.size > MOST_KNOWN) known.clear();
    for (const text of unknown) known.set(text, readPreferences(text));
    if (unknown.size > 0) all = [...known.keys()];
    // Others that were under way may have learned of them meanwhile.
    return preferences.some((text) => !told.includes(text));
  };

  const publishElsewhere = async (events: readonly NewEvent[], nowMs: number) => {
    const plain = toColumns(events.map(toPlain), plainMembers);
    const taker = takerNow();
    const open = taker && openOffers(taker, { endpoints: likely.of(events), events, nowMs });
    const request = { events: plain, nowMs };
    const answer = await elsewhere(open === undefined ? request : { ...request, offers: open.offers }).catch(
      (error: unknown) => {
        open?.giveUp();
        throw error;
      },
    );
    if (answer.kind === "unrendered") {
      open?.withdraw();
      return answer;
    }
    const results = unpackResults(answer.results, events);
    if (taker !== undefined) likely.learn(events, results);
    return { kind: "done", results: open?.finish(answer.along, results) ?? results } as const;
  };

  return async (events, nowMs) => {
    for (let tries = 0; tries < MOST_TRIES && events.every(isPlain); tries += 1) {
      const told = all;
      const answer = await publishElsewhere(events, nowMs);
      if (answer.kind === "done") return answer.results;
      if (!learn(answer.preferences, told))
        for (const { type } of events) apart.set(type, performance.now() + APART_MS);
    }
    return here(events, nowMs);
  };
}
