/** The files of a folder of schemas: relative path (with `/`) to text. */
export type Sources = ReadonlyMap<string, string>;

/** A folder of schemas is held in memory as a whole, so it is bounded. */
export const maxFiles = 5_000;
export const maxFileBytes = 5_000_000;
export const maxBytes = 100_000_000;
