/** RFC 3339 with an offset. */
const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * The Unix milliseconds of a time such as `2026-11-20T12:00:00Z`; undefined for what has not that form, or names a day or
 * a time that does not exist: `Date` would make 2 March of 30 February.
 */
export function parseTimestamp(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = (TIMESTAMP.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined) return undefined;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const isDay = month >= 1 && month <= 12 && Number(day) >= 1 && Number(day) <= lastDay;
  const isTime = Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59;
  const timeMs = Date.parse(text);
  return isDay && isTime && !Number.isNaN(timeMs) ? timeMs : undefined;
}
