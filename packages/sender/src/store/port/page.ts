export interface Page {
  readonly limit: number;
  /** The id after which the page begins, in the list's order. */
  readonly after?: string;
}
