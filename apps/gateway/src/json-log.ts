import type { Log } from "./log.ts";

type Level = keyof Log;

export interface JsonLogOptions {
  /** What every line says, before its fields. */
  readonly base: object;
  /** Gets each line, with its end. */
  readonly write: (line: string) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * A line of JSON for each event, with the names that pino gives: `level`, `time` (ISO 8601), the fields, `msg`. What has
 * level `debug` is left out. A line that cannot be written as JSON says so instead of its fields.
 */
export function createJsonLog({ base, write, now }: JsonLogOptions): Log {
  const timeOf = createClockText();
  const logAt = (level: Level) => (fields: object, msg: string) => {
    const head = { level, time: timeOf(now()), ...base };
    write(`${textOf({ ...head, ...fields, msg }) ?? JSON.stringify({ ...head, unwritable: true, msg })}\n`);
  };
  return { debug: () => {}, info: logAt("info"), warn: logAt("warn"), error: logAt("error") };
}

function textOf(line: object): string | undefined {
  try {
    return JSON.stringify(line);
  } catch {
    // A BigInt, or a circle.
    return undefined;
  }
}

/** Under load, most lines are of the same millisecond as the one before. */
function createClockText(): (ms: number) => string {
  let last = { ms: Number.NaN, text: "" };
  return (ms) => {
    if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
    return last.text;
  };
}
