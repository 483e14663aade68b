/**
 * Where a value stands in a request. Paths go through JSON objects by dots, `[0]` takes one element of an array and
 * `[*]` each of them (`data.events[*].id`); a bare `*` segment is no wildcard.
 */
export type ValueSource =
  /** A header, lower-case; `also` are other names it may have, tried in order. */
  | { readonly from: "header"; readonly name: string; readonly also?: readonly string[] }
  /** A string, number or boolean in the JSON body. */
  | { readonly from: "body"; readonly path: string }
  /** A parameter of the URL's query, or a field of a form body. */
  | { readonly from: "query" | "form"; readonly name: string }
  /** A field of the signature's header: `t` of `t=1,v1=…`; of a positional one its place, `0`. */
  | { readonly from: "signature"; readonly name: string }
  /** A claim of the token, in `jwt` rows. */
  | { readonly from: "claim"; readonly name: string }
  /** Several values that only together name an event; joined by `:`, those in a part but the last as `%3A`. All must be there. */
  | { readonly from: "all"; readonly parts: readonly ValueSource[] };

/** What `settings` of a row must or may hold, in words. */
export interface SettingForm {
  /** Completes "Expected …": `"the URL of the subscription, as you gave it to Square"`. */
  readonly expected: string;
  /** Default false. */
  readonly required?: boolean;
}
