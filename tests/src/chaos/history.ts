/** One thing that happened to one element, as its client or its consumer saw it. */
export type HistoryEntry =
  /** A client began to hand the element in; written once, before the first try. */
  | { readonly kind: "attempted"; readonly id: string; readonly atMs: number }
  /** A client got a 2xx. `repeated` says that it was told "I have this already". */
  | { readonly kind: "acknowledged"; readonly id: string; readonly atMs: number; readonly repeated: boolean }
  /** A client got a clear no, or no connection: the element was not taken. */
  | { readonly kind: "refused"; readonly id: string; readonly atMs: number; readonly reason: string }
  /** A client got no answer: the element may have been taken or not. */
  | { readonly kind: "ambiguous"; readonly id: string; readonly atMs: number; readonly reason: string }
  /** The consumer handled the element. */
  | { readonly kind: "consumed"; readonly id: string; readonly atMs: number }
  /** A process was killed. */
  | { readonly kind: "fault"; readonly atMs: number; readonly target: string };

export type History = readonly HistoryEntry[];
