import type { Inbox } from "../inbox.ts";
import type { InboxClient } from "./redis-client.ts";
import { toDeadLetter, toListedEntry } from "./redis-rows.ts";
import { destinationList, type InboxKeys } from "./redis-scripts.ts";

export interface LogOptions {
  readonly client: InboxClient;
  readonly keys: (source: string) => InboxKeys;
  readonly ask: <T>(reply: Promise<T>) => Promise<T>;
}

/** What became of events, and how to send them again. */
export type InboxLog = Pick<Inbox, "deadLetters" | "requeue" | "discard" | "events" | "replay">;

export function createLog({ client, keys, ask }: LogOptions): InboxLog {
  const page = (stream: string, limit: number, after: string | undefined) =>
    ask(client.xrangeBuffer(stream, after === undefined ? "-" : `(${after}`, "+", "COUNT", limit));
  return {
    deadLetters: async ({ source, limit, after }) =>
      (await page(keys(source).dead, limit, after)).map((row) => toDeadLetter(source, row)),
    requeue: ({ source, keys: chosen }) => {
      const { entries, dead, index, indexedAs } = keys(source);
      const names = [entries, dead, ...index];
      return ask(client.hooksRequeue(names.length, ...names, indexedAs, ...chosen));
    },
    discard: async ({ source, keys: chosen }) =>
      chosen.length === 0 ? 0 : ask(client.xdel(keys(source).dead, ...chosen)),
    events: async ({ source, state, limit, after }) => {
      const { entries, done } = keys(source);
      const rows = await page(state === "done" ? done : entries, limit, after);
      return rows.map((row) => toListedEntry(source, row));
    },
    replay: ({ source, keys: chosen, destinations }) => {
      const { entries, done, index, indexedAs } = keys(source);
      const names = [entries, done, ...index];
      const args = [indexedAs, destinationList(destinations), ...chosen];
      return ask(client.hooksReplay(names.length, ...names, ...args));
    },
  };
}
