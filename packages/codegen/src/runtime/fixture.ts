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
