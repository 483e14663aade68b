import type { NewEvent, Outbox, PublishResult } from "../../store.ts";
import { readPreferences, type Wishes } from "../preferences.ts";
import { renderFor, type Rendering, type Target } from "../rendering.ts";

/** An event as it can be sent to a thread. */
export interface PlainEvent extends Omit<NewEvent, "render" | "announceDeath"> {
  /** Endpoints of these preferences get it as it was published. What others get, only its publisher can make. */
  readonly ownFor: readonly string[];
}

export interface PlainPublish {
  readonly events: readonly PlainEvent[];
  readonly nowMs: number;
}

export type PlainAnswer =
  | { readonly kind: "done"; readonly results: readonly PublishResult[] }
  /** Nothing was kept: there are endpoints of these preferences. */
  | { readonly kind: "unrendered"; readonly preferences: readonly string[] };

export type PublishPlainly = (request: PlainPublish) => Promise<PlainAnswer>;

/** There are endpoints that may get something else than the event as it was published. */
export class Unrendered extends Error {
  readonly preferences: readonly string[];
  constructor(preferences: readonly string[]) {
    super("An event has to be rendered");
    this.preferences = preferences;
  }
}

/** What each endpoint gets of a plain event. Throws `Unrendered`. */
export function renderPlainly(targets: readonly Target[], event: PlainEvent): readonly Rendering[] {
  const others = targets.filter(({ preferences }) => !event.ownFor.includes(preferences));
  if (others.length > 0) throw new Unrendered(others.map(({ preferences }) => preferences));
  return renderFor(targets, { ...event, render: renderOwn });
}

const renderOwn = () => ({ kind: "own" }) as const;

/** How long events of a type are published here after one of them had to be. */
const APART_MS = 10_000;
/** So many preferences of endpoints are told of; with more of them, events are published here. */
const MOST_KNOWN = 32;

/**
 * Publishes elsewhere what goes out as it was published, and here what has to be rendered. Which preferences there are is
 * learned from the answers.
 */
export function createPlainPublishing(
  elsewhere: PublishPlainly,
  here: Pick<Outbox, "publish">["publish"],
): (events: readonly NewEvent[], nowMs: number) => Promise<readonly PublishResult[]> {
  const known = new Map<string, Wishes>();
  /** Event type to the time until which it is published here. */
  const apart = new Map<string, number>();

  const isPlain = ({ type, render }: NewEvent): boolean =>
    render.isOwn !== undefined && performance.now() >= (apart.get(type) ?? 0);
  const toPlain = ({ render, announceDeath: _, ...event }: NewEvent): PlainEvent => ({
    ...event,
    ownFor: [...known].flatMap(([text, wishes]) => (render.isOwn?.(wishes) === true ? [text] : [])),
  });
  /** Whether there are some that were not known, so that it is worth another try. */
  const learn = (preferences: readonly string[]): boolean => {
    const unknown = new Set(preferences.filter((text) => !known.has(text)));
    if (known.size + unknown.size > MOST_KNOWN) known.clear();
    for (const text of unknown) known.set(text, readPreferences(text));
    return unknown.size > 0 && known.size <= MOST_KNOWN;
  };

  return async (events, nowMs) => {
    while (events.every(isPlain)) {
      const answer = await elsewhere({ events: events.map(toPlain), nowMs });
      if (answer.kind === "done") return answer.results;
      if (learn(answer.preferences)) continue;
      for (const { type } of events) apart.set(type, performance.now() + APART_MS);
    }
    return here(events, nowMs);
  };
}
