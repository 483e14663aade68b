import type { Names } from "../inbox.ts";

export interface RoundsOptions {
  /** Some are given so often at most. */
  readonly everyMs: number;
  /** In what time each of so many has its turn. */
  readonly roundMs: (count: number) => number;
}

interface Round {
  rest: Iterator<string>;
  givenMs: number;
  /** How many should have had their turn, less those that had. */
  owed: number;
}

/** Gives each of a set its turn again and again, a few at a time. */
export function createRounds({ everyMs, roundMs }: RoundsOptions): (names: Names) => readonly string[] {
  const known = new WeakMap<Names, Round>();
  return (names) => {
    const nowMs = performance.now();
    const round = known.get(names) ?? { rest: names.keys(), givenMs: nowMs, owed: 0 };
    known.set(names, round);
    if (nowMs - round.givenMs < everyMs) return [];
    const owed = round.owed + ((nowMs - round.givenMs) * names.size) / roundMs(names.size);
    round.givenMs = nowMs;
    const count = Math.min(Math.floor(owed), names.size);
    round.owed = owed - Math.floor(owed);
    return Array.from({ length: count }, () => nextOf(round, names));
  };
}

function nextOf(round: Round, names: Names): string {
  const { done, value } = round.rest.next();
  if (done !== true) return value;
  round.rest = names.keys();
  // Nobody asks for the next of none.
  return round.rest.next().value as string;
}
