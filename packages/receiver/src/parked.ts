import type { DeadLetter, DeadLetterQuery, Inbox } from "./inbox.ts";

/** What the reason of a parked event begins with. */
const PARKED = "parked";

/** Why an event of a version that nobody knows yet is kept aside. */
export function reasonToPark(type: string, version: string): string {
  return `${PARKED}: there is no contract for version ${version} of ${type} yet`;
}

/** Events of versions that were not known when they came. They are dead letters of the inbox with a reason of their own. */
export interface Parked {
  /** Oldest first, after `after` (a `key`). */
  list(query: DeadLetterQuery): Promise<readonly DeadLetter[]>;
  /** Handles them again, as after an upgrade of the contracts; gives how many. Those still not known are parked anew. */
  release(source: string): Promise<number>;
}

const PAGE = 100;

export function createParked(inbox: Pick<Inbox, "deadLetters" | "requeue">, destination: string): Parked {
  const isParked = (letter: DeadLetter) =>
    letter.destination === destination && letter.reason.startsWith(`${PARKED}: `);
  const list = async ({ source, limit, after }: DeadLetterQuery): Promise<readonly DeadLetter[]> => {
    const found: DeadLetter[] = [];
    let last = after;
    while (found.length < limit) {
      const letters = await inbox.deadLetters({ source, limit: PAGE, after: last });
      found.push(...letters.filter(isParked));
      if (letters.length < PAGE) break;
      last = letters.at(-1)?.key;
    }
    return found.slice(0, limit);
  };
  return {
    list,
    async release(source) {
      // All keys first: what is parked anew stands at the end, and would be found again for ever.
      const keys = (await list({ source, limit: Infinity })).map(({ key }) => key);
      let count = 0;
      for (let start = 0; start < keys.length; start += PAGE)
        count += await inbox.requeue({ source, keys: keys.slice(start, start + PAGE) });
      return count;
    },
  };
}
