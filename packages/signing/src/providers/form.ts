/** A field of a form: name and value, one character a byte, so that bytes that are no UTF-8 keep their difference. */
export type FormField = readonly [name: string, value: string];

const maxFields = 1000;
/** Whatever it makes of bytes outside ASCII, they are refused. */
const narrow = new TextDecoder("latin1");
/** What no encoder writes. Looked for, not ruled out: a loop of choices overflows the stack on a body of some megabytes. */
const foreign = /[^!-~]|%(?![0-9A-Fa-f]{2})/;

/**
 * Parses `application/x-www-form-urlencoded`. `undefined` for what no encoder writes: bytes outside printable ASCII, a
 * `%` without two digits, more than a thousand fields.
 */
export function parseForm(body: Uint8Array): readonly FormField[] | undefined {
  const text = narrow.decode(body);
  if (foreign.test(text)) return undefined;
  if (text === "") return [];
  const fields = text.split("&", maxFields + 1);
  return fields.length > maxFields ? undefined : fields.map(parseField);
}

function parseField(field: string): FormField {
  const equals = field.indexOf("=");
  return equals < 0 ? [decode(field), ""] : [decode(field.slice(0, equals)), decode(field.slice(equals + 1))];
}

function decode(text: string): string {
  return text
    .replaceAll("+", " ")
    .replace(/%../g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}

/** The values of a field, in their order. */
export function formValues(fields: readonly FormField[], name: string): readonly string[] {
  return fields.filter(([key]) => key === name).map(([, value]) => value);
}

/**
 * All fields in the order of their names, then values, each only once, names and values joined: what Twilio signs behind
 * the URL.
 */
export function sortedUniqueForm(fields: readonly FormField[]): string {
  const sorted = fields.toSorted(
    ([first, value], [second, other]) => compare(first, second) || compare(value, other),
  );
  return sorted
    .filter(([name, value], index) => index === 0 || !isSame(sorted[index - 1], [name, value]))
    .flat()
    .join("");
}

function isSame(field: FormField | undefined, [name, value]: FormField): boolean {
  return field !== undefined && field[0] === name && field[1] === value;
}

function compare(first: string, second: string): number {
  return first < second ? -1 : first > second ? 1 : 0;
}
