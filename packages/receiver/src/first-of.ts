export interface FirstOfOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves when `work`, which must not reject, has ended, after the time, or when aborted, whichever is first.
 *
 * Leaves no listener on the signal: a combined signal (`AbortSignal.any`) that has one is kept in memory for as long as the
 * signals that it is made of.
 */
export function firstOf(work: Promise<unknown>, { timeoutMs, signal }: FirstOfOptions): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, timeoutMs);
    if (signal?.aborted === true) return end();
    signal?.addEventListener("abort", end);
    void work.then(end);
  });
}
