import { matchHandler } from "./core/match-handler.ts";
import { readEventType } from "./core/event-type.ts";
import type { DeadLetter, Entry, Inbox } from "./inbox.ts";

/** Which events of a source. */
export interface LogFilter {
  readonly source: string;
  /**
   * `waiting`: a destination is owed it. `done`: nobody is owed it any more, whether they got it or have a dead letter of it
   * (`deadFor`), and it can be given to any; kept only where the inbox has `keptEvents`. `dead`: a destination did not get
   * it and will not, unless it is replayed.
   */
  readonly state: "waiting" | "done" | "dead";
  /** A type (`invoice.paid`), or a resource with all below it (`invoice.*`). */
  readonly type?: string | undefined;
  /** Received at this time or after it. */
  readonly from?: Date | undefined;
  /** Received before this time. */
  readonly to?: Date | undefined;
  /** Dead letters of this destination only. */
  readonly destination?: string | undefined;
  /** The event of this id. */
  readonly eventId?: string | undefined;
}

export interface LogQuery extends LogFilter {
  /** Default 100. */
  readonly limit?: number | undefined;
  /** Where the page before ended. */
  readonly after?: string | undefined;
}

/** An event with what became of it; `destination`, `attempts`, `reason` and `buriedAtMs` are a dead letter's. */
export interface LoggedEvent
  extends Entry, Partial<Pick<DeadLetter, "destination" | "attempts" | "reason" | "buriedAtMs">> {
  readonly state: LogFilter["state"];
  /** Of what waits or is done: the destinations that have a dead letter of it; absent when none has. */
  readonly deadFor?: readonly string[];
}

export interface LogPage {
  /** Oldest first. */
  readonly events: readonly LoggedEvent[];
  /** `after` of the next page; `undefined` when this was the last. */
  readonly next: string | undefined;
}

export interface ReplayFilter extends LogFilter {
  /** What waits is on its way as it is. */
  readonly state: "done" | "dead";
  /** Whom what is done is sent to again. A dead letter goes to its own destination. */
  readonly destinations: readonly string[];
}

export interface DiscardFilter extends LogFilter {
  readonly state: "dead";
}

/** What became of the events of an inbox. */
export interface ReplayLog {
  /** A page, the oldest first. For `deadFor` it reads all dead letters of the source. */
  list(query: LogQuery): Promise<LogPage>;
  /**
   * Sends again, at attempt 1, what fits the filter now; gives how many. The events' ids stay: who deduplicates takes them
   * for known.
   */
  replay(filter: ReplayFilter): Promise<number>;
  /** Removes the dead letters that fit the filter now, for good; gives how many. */
  discard(filter: DiscardFilter): Promise<number>;
}

const PAGE = 100;

export function createReplayLog(
  inbox: Pick<Inbox, "events" | "deadLetters" | "replay" | "requeue" | "discard">,
): ReplayLog {
  /** The events that fit, page by page. */
  const scan = async function* (filter: LogFilter, after?: string): AsyncGenerator<LoggedEvent> {
    const { source, state } = filter;
    let last = after;
    for (;;) {
      const query = { source, limit: PAGE, ...(last === undefined ? {} : { after: last }) };
      const page: readonly (Entry | DeadLetter)[] =
        state === "dead" ? await inbox.deadLetters(query) : await inbox.events({ ...query, state });
      for (const entry of page) {
        const event = { ...entry, state, eventType: entry.eventType ?? readEventType(entry.body) };
        if (fits(event, filter)) yield event;
      }
      if (page.length < PAGE) return;
      last = page.at(-1)?.key;
    }
  };
  /** Says of events that wait or are done which destinations they are dead for. */
  const tellDead = async (
    source: string,
    events: readonly LoggedEvent[],
  ): Promise<readonly LoggedEvent[]> => {
    if (events.length === 0) return events;
    const deadFor = new Map<string, string[]>(events.map(({ eventId }) => [eventId, []]));
    for await (const { eventId, destination = "" } of scan({ source, state: "dead" }))
      deadFor.get(eventId)?.push(destination);
    return events.map((event) => {
      const names = [...new Set(deadFor.get(event.eventId))];
      return names.length === 0 ? event : { ...event, deadFor: names };
    });
  };
  /** Does something to the events that fit, a page at a time; gives how many there were. */
  const each = async (filter: LogFilter, work: (keys: readonly string[]) => Promise<number>) => {
    // All keys first: what fails again stands at the end, and would be found again for ever.
    const keys: string[] = [];
    for await (const { key } of scan(filter)) keys.push(key);
    let count = 0;
    for (let start = 0; start < keys.length; start += PAGE)
      count += await work(keys.slice(start, start + PAGE));
    return count;
  };
  return {
    list: async ({ limit = 100, after, ...filter }) => {
      const found: LoggedEvent[] = [];
      for await (const event of scan(filter, after)) {
        found.push(event);
        if (found.length > limit) break;
      }
      const page = found.slice(0, limit);
      const events = filter.state === "dead" ? page : await tellDead(filter.source, page);
      return { events, next: found.length > limit ? page.at(-1)?.key : undefined };
    },
    replay: ({ destinations, ...filter }) =>
      each(filter, (keys) => {
        const request = { source: filter.source, keys };
        return filter.state === "dead" ? inbox.requeue(request) : inbox.replay({ ...request, destinations });
      }),
    discard: (filter) => each(filter, (keys) => inbox.discard({ source: filter.source, keys })),
  };
}

function fits(event: LoggedEvent, { type, from, to, destination, eventId }: LogFilter): boolean {
  return (
    (type === undefined || matchHandler({ [type]: true }, event.eventType ?? "") === true) &&
    (from === undefined || event.receivedAtMs >= from.getTime()) &&
    (to === undefined || event.receivedAtMs < to.getTime()) &&
    (destination === undefined || event.destination === destination) &&
    (eventId === undefined || event.eventId === eventId)
  );
}
