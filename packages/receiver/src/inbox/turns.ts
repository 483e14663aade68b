/**
 * Collects jobs and runs those of a turn of the event loop together. With `oneAtATime` a run that is under way is waited
 * for: what comes meanwhile is the next one.
 *
 * `run` must never reject.
 */
export function createTurns<Job>(
  run: (jobs: readonly Job[]) => Promise<void>,
  { oneAtATime }: { readonly oneAtATime: boolean },
): (job: Job) => void {
  let waiting: Job[] = [];
  let isTaken = false;

  const take = async () => {
    const jobs = waiting;
    waiting = [];
    const running = run(jobs);
    if (oneAtATime) await running;
    isTaken = waiting.length > 0;
    if (isTaken) void take();
  };
  return (job) => {
    waiting.push(job);
    if (isTaken) return;
    isTaken = true;
    setImmediate(() => void take());
  };
}
