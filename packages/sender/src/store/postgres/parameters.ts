/*
 * Parameters as PostgreSQL reads them. Arrays go as one literal each, whatever driver carries them, and are unnested by
 * the statement: its text is then the same for one row and for a thousand.
 */

/** A parameter that any driver passes on unchanged. */
export type Parameter = string | number | Buffer | null;

export function texts(values: readonly (string | null | undefined)[]): string {
  return `{${values.map((value) => (value === null || value === undefined ? "NULL" : quote(value))).join(",")}}`;
}

export function numbers(values: readonly (number | null | undefined)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}

export function booleans(values: readonly boolean[]): string {
  return `{${values.map((value) => (value ? "t" : "f")).join(",")}}`;
}

/** PostgreSQL has no place for a NUL in a text; what is looked for with one is then not found. */
export function text(value: string): string {
  return value.includes("\0") ? value.replaceAll("\0", "\u{fffd}") : value;
}

/** Byte strings behind one another: a statement cuts its own out of `bytes`, from `starts` (counted from 1). */
export interface Packed {
  readonly bytes: Buffer;
  readonly starts: string;
  readonly lengths: string;
}

/** Bytes in an array literal would travel as hexadecimal digits, twice as long. */
export function pack(values: readonly Uint8Array[]): Packed {
  const starts: number[] = [];
  let start = 1;
  for (const { byteLength } of values) {
    starts.push(start);
    start += byteLength;
  }
  return {
    bytes: Buffer.concat(values),
    starts: numbers(starts),
    lengths: numbers(values.map(({ byteLength }) => byteLength)),
  };
}

function quote(value: string): string {
  return /["\\\0]/.test(value) ? `"${text(value).replaceAll(/["\\]/g, String.raw`\$&`)}"` : `"${value}"`;
}
