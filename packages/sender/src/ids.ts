const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;
/** Of these: they stay as they are for 1,024 ids, unless time goes on. */
const STEADY_CHARACTERS = 14;

export interface IdsOptions {
  readonly now: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
}

export type IdPrefix = "evt" | "dlv" | "sub" | "ep" | "rpl";

/**
 * Makes ids such as `evt_01JD…`: a prefix and a ULID, so that they sort by the time they were made. `nowMs` says when that
 * is, where somebody else's clock counts.
 */
export type Ids = (prefix: IdPrefix, nowMs?: number) => string;

/**
 * Ids of one process grow strictly, also within a millisecond and when the clock steps back: the time in an id is never
 * before that of its making.
 */
export function createIds({ now, randomBytes }: IdsOptions): Ids {
  let lastMs = -1;
  /** The time and all digits but the last few: what seldom changes from one id to the next. */
  let start = "";
  const digits = new Uint8Array(RANDOM_CHARACTERS);
  const advance = (nowMs: number): void => {
    let changedFrom = 0;
    if (nowMs > lastMs) {
      lastMs = nowMs;
      for (const [index, byte] of randomBytes(RANDOM_CHARACTERS).entries()) digits[index] = byte & 31;
      // Room to count upwards for a whole millisecond.
      digits[0] = (digits[0] ?? 0) & 15;
    } else changedFrom = increment(digits);
    if (changedFrom < STEADY_CHARACTERS)
      start = `_${encodeTime(lastMs)}${encode(digits, 0, STEADY_CHARACTERS)}`;
  };
  return (prefix, nowMs = now()) => {
    advance(nowMs);
    return prefix + start + encode(digits, STEADY_CHARACTERS, RANDOM_CHARACTERS);
  };
}

/** Sorts after every id that was made before `timeMs`, and before all others. */
export function firstIdAt(prefix: IdPrefix, timeMs: number): string {
  return `${prefix}_${encodeTime(Math.min(Math.max(0, Math.floor(timeMs)), MAX_TIME_MS))}`;
}

/** What its characters can say. */
const MAX_TIME_MS = 32 ** TIME_CHARACTERS - 1;

function encodeTime(timeMs: number): string {
  let rest = timeMs;
  let text = "";
  for (let index = 0; index < TIME_CHARACTERS; index += 1) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encode(digits: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let index = from; index < to; index += 1) text += ALPHABET[digits[index] ?? 0];
  return text;
}

/** Counts one upwards and says which is the first digit that changed. */
function increment(digits: Uint8Array): number {
  for (let index = digits.length - 1; index >= 0; index -= 1) {
    const digit = digits[index] ?? 0;
    if (digit < 31) {
      digits[index] = digit + 1;
      return index;
    }
    digits[index] = 0;
  }
  return 0;
}
