const day = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?`;
const offset = String.raw`(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)`;

const date = new RegExp(`^${day}$`);
const dateTime = new RegExp(`^${day}[Tt]${time}${offset}$`);
const email = /^[^\s@<>()[\],;:"\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i;
const absoluteUri = /^[a-z][a-z0-9+.-]*:[^\s]+$/i;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The values of `format` a contract may use. `date-time` follows RFC 3339: a real day, and always an offset. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "date-time": (text) => dateTime.test(text) && isRealDay(text),
  date: (text) => date.test(text) && isRealDay(text),
  email: (text) => email.test(text),
  uri: (text) => absoluteUri.test(text) && URL.canParse(text),
  uuid: (text) => uuid.test(text),
};

/** Whether the month of a well-formed date has the day; every month has 28. */
function isRealDay(text: string): boolean {
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
