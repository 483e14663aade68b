/*
 * Parameters as PostgreSQL reads them. Arrays go as one literal each, whatever driver carries them, and are unnested by
 * the statement: its text is then the same for one row and for a thousand.
 */

/** A parameter that any driver passes on unchanged. */
export type Parameter = string | number | Buffer | null;

export function texts(values: readonly (string | null | undefined)[]): string {
  return `{${values.map((value) => (value === null || value === undefined ? "NULL" : quote(value))).join(",")}}`;
}

/**
 * A column of which many rows have the same: one value stands for all rows. To be read with `column`.
 */
export function evenTexts(values: readonly (string | null | undefined)[]): string {
  return texts(isEven(values) ? values.slice(0, 1) : values);
}

/** As `evenTexts`. */
export function evenNumbers(values: readonly (number | null | undefined)[]): string {
  return numbers(isEven(values) ? values.slice(0, 1) : values);
}

function isEven(values: readonly unknown[]): boolean {
  return values.every((value) => value === values[0]);
}

/** What a row has of a parameter that `evenTexts` or `evenNumbers` made, unnested under a name. */
export function column(name: string, parameter: string): string {
  return `CASE cardinality(${parameter}) WHEN 1 THEN (${parameter})[1] ELSE new.${name} END`;
}

export function numbers(values: readonly (number | null | undefined)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}

/*
 * Empty where there is nothing but nulls, as mostly: unnested in step with longer arrays, a short one is filled up with them.
 */

export function rareTexts(values: readonly (string | undefined)[]): string {
  return isAny(values) ? texts(values) : "{}";
}

export function rareNumbers(values: readonly (number | undefined)[]): string {
  return isAny(values) ? numbers(values) : "{}";
}

function isAny(values: readonly unknown[]): boolean {
  return values.some((value) => value !== undefined);
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
