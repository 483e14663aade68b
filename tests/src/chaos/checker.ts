import type { History } from "./history.ts";

/** What a history came to, in the words of Jepsen's total-queue. */
export interface Verdict {
  /** Elements that clients tried to hand in. */
  readonly attempted: number;
  /** Elements that at least one 2xx was given for. */
  readonly acknowledged: number;
  /** Elements attempted and consumed. */
  readonly ok: number;
  /** Acknowledged and never consumed. */
  readonly lost: readonly string[];
  /** Consumed and never attempted. */
  readonly unexpected: readonly string[];
  /** Consumed more than once, once for each time too many. */
  readonly duplicated: readonly string[];
  /** Consumed although no client ever got a 2xx for it. */
  readonly recovered: readonly string[];
  /** Tries that had no answer. */
  readonly ambiguous: number;
  /** Tries that had a clear no. */
  readonly refused: number;
  /** Acknowledged as new more than once, once for each time too many. */
  readonly acceptedTwice: readonly string[];
  /** Told to be there already although no try before could have brought it. */
  readonly falseRepeats: readonly string[];
  /** The longest time in which the consumer got nothing, between the first and the last that it got. */
  readonly maxGapMs: number;
  /** The longest time from an acknowledgement to the consumption. */
  readonly longestWayMs: number;
}

interface Element {
  attempted: boolean;
  acknowledgedAtMs: number | undefined;
  consumedAtMs: number | undefined;
  accepted: number;
  ambiguous: number;
  consumed: number;
  falseRepeat: boolean;
}

/** Judges a history whose entries are in the order in which they happened to each element. */
export function checkTotalQueue(history: History): Verdict {
  const elements = gather(history);
  const named = (test: (element: Element) => boolean) =>
    [...elements].filter(([, element]) => test(element)).map(([id]) => id);
  const times = (count: (element: Element) => number) =>
    [...elements].flatMap(([id, element]) => Array.from({ length: Math.max(0, count(element)) }, () => id));
  return {
    attempted: named(({ attempted }) => attempted).length,
    acknowledged: named(isAcknowledged).length,
    ok: named(({ attempted, consumed }) => attempted && consumed > 0).length,
    lost: named((element) => isAcknowledged(element) && element.consumed === 0),
    unexpected: named(({ attempted, consumed }) => !attempted && consumed > 0),
    duplicated: times(({ consumed }) => consumed - 1),
    recovered: named((element) => element.attempted && !isAcknowledged(element) && element.consumed > 0),
    ambiguous: history.filter(({ kind }) => kind === "ambiguous").length,
    refused: history.filter(({ kind }) => kind === "refused").length,
    acceptedTwice: times(({ accepted }) => accepted - 1),
    falseRepeats: named(({ falseRepeat }) => falseRepeat),
    maxGapMs: longestSilenceMs(history),
    longestWayMs: Math.max(0, ...[...elements.values()].map(wayMs)),
  };
}

const isAcknowledged = ({ acknowledgedAtMs }: Element) => acknowledgedAtMs !== undefined;

function gather(history: History): Map<string, Element> {
  const elements = new Map<string, Element>();
  for (const entry of history) {
    if (entry.kind === "fault") continue;
    const element = elements.get(entry.id) ?? newElement();
    elements.set(entry.id, element);
    switch (entry.kind) {
      case "attempted":
        element.attempted = true;
        break;
      case "acknowledged":
        element.acknowledgedAtMs ??= entry.atMs;
        if (!entry.repeated) element.accepted += 1;
        else if (element.accepted + element.ambiguous === 0) element.falseRepeat = true;
        break;
      case "ambiguous":
        element.ambiguous += 1;
        break;
      case "consumed":
        element.consumed += 1;
        element.consumedAtMs ??= entry.atMs;
        break;
      case "refused":
        break;
    }
  }
  return elements;
}

function newElement(): Element {
  return {
    attempted: false,
    acknowledgedAtMs: undefined,
    consumedAtMs: undefined,
    accepted: 0,
    ambiguous: 0,
    consumed: 0,
    falseRepeat: false,
  };
}

function wayMs({ acknowledgedAtMs, consumedAtMs }: Element): number {
  return acknowledgedAtMs === undefined || consumedAtMs === undefined ? 0 : consumedAtMs - acknowledgedAtMs;
}

function longestSilenceMs(history: History): number {
  const consumed = history.filter(({ kind }) => kind === "consumed").map(({ atMs }) => atMs);
  const sorted = consumed.toSorted((a, b) => a - b);
  return sorted.reduce((longest, atMs, index) => Math.max(longest, atMs - (sorted[index - 1] ?? atMs)), 0);
}
