import type { RefusalCode } from "./core/receipt.ts";

/** Thrown instead of accepting an event, by what handles it before it is acknowledged. The message is for the operator. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: RefusalCode;
  /** Default: the code's. */
  readonly retryAfterMs: number | undefined;
  constructor(
    code: RefusalCode,
    {
      message,
      retryAfterMs,
      cause,
    }: { readonly message: string; readonly retryAfterMs?: number | undefined; readonly cause?: unknown },
  ) {
    super(message, { cause });
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
