/**
 * Resolves when `work` has ended, however it did, after the time, or when aborted, whichever is first; gives whether it had
 * ended.
 *
 * Leaves no listener on the signal: a combined signal (`AbortSignal.any`) that has one is kept in memory for as long as the
 * signals that it is made of.
 */
export function within(timeoutMs: number, work: Promise<unknown>, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (hasEnded: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      resolve(hasEnded);
    };
    const abort = () => end(false);
    const finish = () => end(true);
    const timer = setTimeout(abort, timeoutMs);
    if (signal?.aborted === true) return abort();
    signal?.addEventListener("abort", abort);
    work.then(finish, finish);
  });
}

/** Resolves after the time, or when aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await within(ms, new Promise(() => {}), signal);
}
