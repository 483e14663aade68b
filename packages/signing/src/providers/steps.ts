import { hexOf } from "./bytes.ts";

/**
 * What an interpreter needs done while it reads a request. Interpreters are generators that yield these, so that one
 * text serves `node:crypto`, which answers at once, and WebCrypto, which answers later.
 */
export type Step =
  /** Whether the key at that place made any of the signatures of the message; a boolean. */
  | {
      readonly kind: "match";
      readonly key: number;
      readonly message: readonly Uint8Array[];
      readonly signatures: readonly Uint8Array<ArrayBuffer>[];
    }
  /** The SHA-256 of bytes; an array of them. */
  | { readonly kind: "sha256"; readonly bytes: Uint8Array };

/** What a step comes to. */
export type Answer = boolean | Uint8Array;

/** An interpreter under way. */
export type Steps<Result> = Generator<Step, Result, Answer>;

/** One key's part of a `match`. Takes every signature in constant time and never stops at the first. */
export type Matches<Given> = (
  message: readonly Uint8Array[],
  signatures: readonly Uint8Array<ArrayBuffer>[],
) => Given;

/** Lets an interpreter run to its end, each step done at once. */
export function runAtOnce<Result>(steps: Steps<Result>, take: (step: Step) => Answer): Result {
  let next = steps.next();
  while (next.done !== true) next = steps.next(take(next.value));
  return next.value;
}

/** Lets an interpreter run to its end, waiting for each step. */
export async function runLater<Result>(
  steps: Steps<Result>,
  take: (step: Step) => Promise<Answer>,
): Promise<Result> {
  let next = steps.next();
  while (next.done !== true) next = steps.next(await take(next.value));
  return next.value;
}

/** A `match`. */
export function* match(step: Omit<Extract<Step, { kind: "match" }>, "kind">): Steps<boolean> {
  return (yield { kind: "match", ...step }) === true;
}

/** The SHA-256 of bytes in lower-case hex. */
export function* sha256Hex(bytes: Uint8Array): Steps<string> {
  const digest = yield { kind: "sha256", bytes };
  return typeof digest === "boolean" ? "" : hexOf(digest);
}
