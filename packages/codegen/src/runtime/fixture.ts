/** A valid `data` with the name of its case. */
export interface Example<Data> {
  readonly name: string;
  readonly data: Data;
}

/** A `data` that fails with one issue; `pointer` is relative to `data`. */
export interface InvalidExample extends Example<unknown> {
  readonly why: string;
  readonly expect: { readonly pointer: string; readonly keyword: string };
}

/** A `data` with one fault, and the one issue `validateEvent` gives for it. */
export interface Mutant {
  /** Where and what is wrong, such as `/object/id missing`; no two mutants of a contract share it. */
  readonly name: string;
  readonly data: unknown;
  /** `pointer` is relative to `data`. */
  readonly expect: { readonly pointer: string; readonly keyword: string; readonly code: string };
  /** What `parseEvent` makes of it: it takes unknown members, and values of an enum that says it will grow. */
  readonly open: "accepts" | "refuses";
}

/** There is no such fixture. */
export class FixtureError extends RangeError {
  override readonly name = "FixtureError";
  readonly code: "unknown_event_type" | "unknown_version" | "unknown_example" | "unsatisfiable_contract";
  constructor(code: FixtureError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
