import type { RequestHeaders } from "../headers.ts";
import type { TokenForm } from "./token.ts";

/**
 * A request that a provider sends to find out whether an address is willing, instead of an event: data, read by one
 * interpreter. The first row that fits a request answers it.
 */
export interface Handshake {
  /**
   * `unverified`: answered before verification, because the provider cannot sign it. `verified`: answered only to a
   * request that was verified; to anyone else it is a request like others.
   */
  readonly stage: HandshakeStage;
  readonly methods: readonly string[];
  /** All hold for a handshake; otherwise the request is something else. */
  readonly when: readonly HandshakeCondition[];
  /** Name of a setting that must be `true`; without it the request is not answered here. */
  readonly optIn?: string;
  /** All hold, or the request is refused. */
  readonly checks?: readonly HandshakeCheck[];
  /** What is taken from the request. Text in any other form is refused. */
  readonly token?: HandshakeSource & { readonly form: TokenForm };
  /** What the provider wants to see computed. With the key `secret`, the token's form keeps it from being an event. */
  readonly proof?: HandshakeProof;
  readonly reply: HandshakeReplyRow;
  /** `confirm`: the token is a URL to be fetched. `secret`: the token is the key for the events to come. */
  readonly effect?:
    | { readonly kind: "confirm"; readonly hosts?: readonly string[] }
    | { readonly kind: "secret" };
}

export type HandshakeStage = "unverified" | "verified";

/** Where a text of a request stands. A path is of members and indices: `payload.plainToken`, `0.data.code`. */
export type HandshakeSource =
  | { readonly from: "header" | "query" | "form"; readonly name: string }
  | { readonly from: "body"; readonly path: string };

/** `empty` is an empty array. What is there twice is neither present nor absent. */
export type HandshakeCondition = HandshakeSource &
  ({ readonly equals: string | number | boolean } | { readonly is: "present" | "absent" | "empty" });

/** A text of the request equals a setting, or one of those that a setting lists with commas (`*` for any). */
export type HandshakeCheck = HandshakeSource &
  (
    | { readonly equalsSetting: string; readonly fallback?: string }
    | { readonly inSetting: string; readonly fallback?: string }
  );

/** `secret-sha1` is the SHA-1 of the secret; `none` hashes without a key. */
export interface HandshakeProof {
  readonly digest: "sha1" | "sha256";
  readonly key: "secret" | "secret-sha1" | "none";
  readonly encoding: "hex" | "base64";
  readonly message: readonly HandshakePart[];
}

/** One part of an answer. */
export type HandshakePart =
  | { readonly literal: string }
  | { readonly from: "token" | "proof" }
  | { readonly setting: string; readonly fallback?: string };

/** `text` is sent as plain text, `json` as an object of texts; neither: an empty body. */
export interface HandshakeReplyRow {
  readonly status: number;
  readonly headers?: Readonly<Record<string, readonly HandshakePart[]>>;
  readonly text?: readonly HandshakePart[];
  readonly json?: Readonly<Record<string, readonly HandshakePart[] | number>>;
}

/** A request that may be a handshake. */
export interface HandshakeRequest {
  readonly method: string;
  /** A full URL, or a path with its query. */
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly body: Uint8Array;
  /** Which secret verified it; default 0. A proof is made with the same one. */
  readonly keyIndex?: number;
}

/** An HTTP response. Header names are lower-case. */
export interface HandshakeReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What to do with a request.
 *
 * - `none`: it is no handshake; go on.
 * - `respond`: answer so, and go no further.
 * - `refuse`: a handshake that may not succeed. `hint` is for the log; no secret is in it.
 * - `confirm`: answer so, and fetch `url` (guarded against blocked addresses) to agree.
 * - `secret`: answer so, and show `secret` to the operator once: the provider will sign with it.
 */
export type HandshakeAnswer =
  | { readonly kind: "none" }
  | ({ readonly kind: "respond" } & HandshakeReply)
  | { readonly kind: "refuse"; readonly status: number; readonly hint: string }
  | { readonly kind: "confirm"; readonly url: string; readonly respond: HandshakeReply }
  | { readonly kind: "secret"; readonly secret: string; readonly respond: HandshakeReply };
