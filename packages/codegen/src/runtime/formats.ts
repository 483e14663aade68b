const dateTime =
  /^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const date = /^(\d{4})-(\d\d)-(\d\d)$/;
const email = /^[^\s@<>()[\],;:"\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i;
const absoluteUri = /^[a-z][a-z0-9+.-]*:[^\s]+$/i;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const isDate = (text: string): boolean => {
  const [, year, month, day] = date.exec(text) ?? [];
  if (day === undefined || Number(day) === 0) return false;
  return Number(day) <= daysIn(Number(year), Number(month));
};

/** The values of `format` a contract may use. `date-time` follows RFC 3339: a real day, and always an offset. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "date-time": (text) => dateTime.test(text) && isDate(text.slice(0, 10)),
  date: isDate,
  email: (text) => email.test(text),
  uri: (text) => absoluteUri.test(text) && URL.canParse(text),
  uuid: (text) => uuid.test(text),
};

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [31, 0, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}
