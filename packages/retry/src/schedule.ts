/**
 * The waits of a delivery in milliseconds: element n is the wait before attempt n + 1, so the first is usually 0 and the
 * length is the number of attempts.
 */
export type Schedule = readonly number[];

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Ten attempts over three days (75 h 35 min): the example in the Standard Webhooks specification. */
export const defaultSchedule: Schedule = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** Schedules to choose from: `standard` is the default; `short` gives up after half a day (six attempts). */
export const presets: Readonly<Record<"standard" | "short", Schedule>> = {
  standard: defaultSchedule,
  short: [0, minute, 5 * minute, 30 * minute, 2 * hour, 12 * hour],
};

/** What `parseSchedule` made of a text; `problem` is one sentence for whoever wrote it. */
export type ParsedSchedule =
  | { readonly ok: true; readonly schedule: Schedule }
  | { readonly ok: false; readonly problem: string };

const units = { ms: 1, s: second, m: minute, h: hour, d: day };
const waitForm = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)$/;
const maxWaits = 100;
const maxWaitMs = 30 * day;

/**
 * Parses the waits between attempts, such as `1m, 5m, 30m, 2h, 12h` (units `ms s m h d`). The first attempt is made at
 * once, whether or not the text says so with a leading `0`. At most 100 waits of at most 30 days each.
 */
export function parseSchedule(text: string): ParsedSchedule {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > maxWaits)
    return { ok: false, problem: `Expected at most ${maxWaits} waits, got ${parts.length}.` };
  const waits = parts.map(parseWait);
  const wrong = waits.findIndex((wait) => wait === undefined || wait > maxWaitMs);
  if (wrong >= 0) {
    return {
      ok: false,
      problem: `Expected wait ${wrong + 1} to be like 30s, 5m, 2h or 1d, and 30 days at most.`,
    };
  }
  const known = waits.filter((wait) => wait !== undefined);
  return { ok: true, schedule: known[0] === 0 ? known : [0, ...known] };
}

function parseWait(text: string): number | undefined {
  if (text === "0") return 0;
  const [, amount, unit] = waitForm.exec(text) ?? [];
  if (amount === undefined || !isUnit(unit)) return undefined;
  return Math.round(Number(amount) * units[unit]);
}

function isUnit(unit: string | undefined): unit is keyof typeof units {
  return unit !== undefined && Object.hasOwn(units, unit);
}
