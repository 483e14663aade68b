/** How signatures are written where they stand. */
export type SignatureFormat =
  /** The whole text is the signature. */
  | { readonly kind: "plain" }
  /** A prefix comes first: `sha256=…`. With `optional` the signature may stand alone. Matched as written, or with `ignoreCase` in any case. */
  | {
      readonly kind: "prefix";
      readonly prefix: string;
      readonly optional?: boolean;
      readonly ignoreCase?: boolean;
    }
  /**
   * Named fields: `t=1,v1=…,v1=…`. Every field named in `signatures` is a candidate, others are passed over; a space
   * after the separator is allowed. `groups` separates several such lists, each with a timestamp of its own.
   */
  | {
      readonly kind: "fields";
      readonly separator: string;
      readonly assign: string;
      readonly signatures: readonly string[];
      readonly groups?: string;
    }
  /** Several signatures: `…,…`. */
  | { readonly kind: "list"; readonly separator: string }
  /** Several signatures, each behind its scheme's name: `v1,… v1,…`. Those of other schemes are passed over. */
  | {
      readonly kind: "tagged";
      readonly separator: string;
      readonly assign: string;
      readonly tags: readonly string[];
    }
  /** Values by place: `1700000000,…`; all places but `timestampAt` are signatures. */
  | { readonly kind: "positional"; readonly separator: string; readonly timestampAt: number };

/** Where signatures stand. Every one that is found is tried. */
export type SignaturePlace =
  /** A header; in `also` others that may hold one beside it or in its stead. */
  | { readonly from: "header"; readonly name: string; readonly also?: readonly string[] }
  /** `prefix` and a number from 1 to 100. */
  | { readonly from: "numberedHeaders"; readonly prefix: string }
  | { readonly from: "body"; readonly path: string }
  | { readonly from: "query" | "form"; readonly name: string };

/**
 * How the bytes of a signature are written. `hex` is lower-case, `HEX` upper-case, `anyHex` either but not mixed. All
 * base64 is canonical; `base64url` has no padding.
 */
export type SignatureEncoding = "hex" | "HEX" | "anyHex" | "base64" | "base64url" | "base64url-padded";
