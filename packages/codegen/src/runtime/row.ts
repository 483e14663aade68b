/** What a compiled validator leaves behind when it says no: a keyword, where it failed, and its parameters. */
export interface ValidatorError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Set where the value is the name of a member. */
  readonly propertyName?: string;
}

/** A compiled validator: answers at once, and keeps its errors on itself until the next call. */
export interface Check {
  (data: unknown): boolean;
  errors?: readonly ValidatorError[] | null | undefined;
}

/** One major of one contract, ready to validate. */
export interface Row {
  /** The newest version of this major. */
  readonly version: string;
  /** `"2."`, what every version of this major begins with. */
  readonly prefix: string;
  /** Every version of this major, oldest first. */
  readonly versions: readonly string[];
  readonly check: Check;
  /** Pointers into `data` whose values are never shown; `*` stands for any array index or map key. */
  readonly sensitive: readonly string[];
}

/** Event type to its majors, newest first. */
export type Table = ReadonlyMap<string, readonly [Row, ...Row[]]>;
