/** Headers as `fetch` (`Headers`) or Node.js (`request.headers`) has them; names in any case. */
export type RequestHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The headers a scheme needs, by lower-case name. */
export interface HeaderReader {
  /**
   * Gives their values in the order of the names: `undefined` for one that is missing, `null` for one that is there
   * twice (an array of two, two spellings of the name) or is no text. Values that were joined with a comma are left to
   * the caller, whose forms refuse them.
   */
  read(headers: RequestHeaders): readonly (string | undefined | null)[];
}

/** Makes a reader of headers that must each be there at most once. One pass over an object, however many names. */
export function createHeaderReader(names: readonly string[]): HeaderReader {
  const lengths = new Set(names.map((name) => name.length));
  return {
    read: (headers) => {
      if (isFetchHeaders(headers)) return names.map((name) => single(headers.get(name) ?? undefined));
      const values = names.map((): string | undefined | null => undefined);
      for (const key in headers) {
        let index = names.indexOf(key);
        if (index < 0 && lengths.has(key.length)) index = names.indexOf(key.toLowerCase());
        if (index < 0) continue;
        const value = single(headers[key]);
        if (value !== undefined) values[index] = values[index] === undefined ? value : null;
      }
      return values;
    },
  };
}

function isFetchHeaders(headers: RequestHeaders): headers is { get(name: string): string | null } {
  return typeof headers?.get === "function";
}

function single(value: unknown): string | undefined | null {
  if (typeof value === "string" || value === undefined) return value;
  if (!Array.isArray(value) || value.length > 1) return null;
  return value.length === 0 ? undefined : typeof value[0] === "string" ? value[0] : null;
}
