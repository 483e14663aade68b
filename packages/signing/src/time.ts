/** A point in time: a `Date`, Unix seconds, or (from 1e11 up) Unix milliseconds. */
export type Instant = Date | number;

const firstMilliseconds = 1e11;

/** Whole Unix seconds. @throws RangeError for an invalid date, a negative number or what is not a number. */
export function unixSeconds(instant: Instant): number {
  const value = typeof instant === "number" ? instant : instant.getTime();
  const isMilliseconds = typeof instant !== "number" || value >= firstMilliseconds;
  const seconds = Math.floor(isMilliseconds ? value / 1000 : value);
  if (!(seconds >= 0 && seconds <= 999_999_999_999)) {
    throw new RangeError("Expected a time after 1970: a Date, Unix seconds or Unix milliseconds.");
  }
  return seconds;
}
