const day = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const clock = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?`;
const offset = String.raw`(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)`;

const date = /* @__PURE__ */ new RegExp(`^${day}$`);
const time = /* @__PURE__ */ new RegExp(`^${clock}${offset}$`);
const dateTime = /* @__PURE__ */ new RegExp(`^${day}[Tt]${clock}${offset}$`);
const duration = /^P(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H(?:\d+M)?(?:\d+S)?|\d+M(?:\d+S)?|\d+S))?)$/;

/** RFC 3339: a real day, and always an offset. */
export function isDateTime(text: string): boolean {
  return dateTime.test(text) && isRealDay(text);
}

/** RFC 3339 `full-date`, such as `2026-11-20`. */
export function isDate(text: string): boolean {
  return date.test(text) && isRealDay(text);
}

/** RFC 3339 `full-time`, such as `12:00:00Z`; a leap second only where there can be one, at 23:59:60 UTC. */
export function isTime(text: string): boolean {
  if (!time.test(text)) return false;
  if (!/^\d\d:\d\d:60/.test(text)) return true;
  const [hours = 0, minutes = 0] = text.split(":", 2).map(Number);
  const [, sign = "+", h = 0, m = 0] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  const behind = (Number(h) * 60 + Number(m)) * (sign === "-" ? -1 : 1);
  return (hours * 60 + minutes - behind + 2 * 1440) % 1440 === 1439;
}

/** RFC 3339, appendix A, such as `P1DT12H`. */
export function isDuration(text: string): boolean {
  return duration.test(text) && text !== "P";
}

/** Whether the month of a well-formed date has the day; every month has 28. */
function isRealDay(text: string): boolean {
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
