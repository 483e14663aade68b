import { describeError } from "./describe-error.ts";

/** Known to every copy of this package that an application may have. */
const mark: unique symbol = Symbol.for("@hooks/receiver/handler-result");

const longestSeconds = 30 * 24 * 3_600;

/**
 * What a handler may give back. Anything else, or nothing, counts as `done`; a handler that throws is tried again as the
 * schedule says.
 */
export type HandlerResult = Readonly<{ [mark]: true }> &
  (
    | { readonly kind: "done" }
    | { readonly kind: "retry"; readonly reason: string; readonly waitMs?: number }
    | { readonly kind: "gone"; readonly reason: string }
  );

/** The event is handled. */
export const done: HandlerResult = { kind: "done", [mark]: true };

/**
 * The event cannot be handled now, but in so many seconds. It counts as an attempt, so that it ends with the schedule.
 *
 * @throws RangeError for anything but 0 to 2,592,000 seconds (30 days).
 */
export function retryLater(seconds: number, reason = "the handler asked for more time"): HandlerResult {
  if (!(seconds >= 0 && seconds <= longestSeconds)) {
    throw new RangeError(`Expected 0 to ${longestSeconds} seconds, got ${seconds}`);
  }
  return { kind: "retry", reason, waitMs: seconds * 1_000, [mark]: true };
}

/**
 * The event is not wanted and will never be handled: it is not tried again, and kept as a dead letter. In direct mode it
 * is answered 410, at which senders of Standard Webhooks disable the whole endpoint.
 */
export function gone(reason = "the handler does not want it"): HandlerResult {
  return { kind: "gone", reason, [mark]: true };
}

/** Runs a handler to its result; what it throws is a reason to try again. Never rejects. */
export async function runHandler(handle: () => unknown): Promise<HandlerResult> {
  try {
    const value = await handle();
    if (value === gone || value === retryLater) {
      throw new TypeError("A handler gave back `gone` or `retryLater` without calling it");
    }
    return isResult(value) ? value : done;
  } catch (error) {
    return { kind: "retry", reason: describeError(error), [mark]: true };
  }
}

function isResult(value: unknown): value is HandlerResult {
  return typeof value === "object" && value !== null && Object.hasOwn(value, mark);
}
