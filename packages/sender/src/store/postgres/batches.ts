export interface BatchesOptions<Call, Answer> {
  /** Does several calls at once, all or none; an answer for each. */
  readonly run: (calls: readonly Call[]) => Promise<readonly Answer[]>;
  /** Whether the same call can do better without the others: it may be one of them that is at fault. */
  readonly isWorthSplitting: (error: unknown) => boolean;
  readonly sizeOf: (call: Call) => number;
  /** How many batches are under way at once: while one waits for the disk, the next is sent. Default 4. */
  readonly maxRunning?: number;
  /** Milliseconds by a clock that nobody can set. Default: since the process was started. */
  readonly elapsed?: () => number;
}

const MAX_RUNNING = 4;
/** The sum of the sizes of a batch, unless one call alone is larger. */
const MAX_SIZE = 1_000;
/**
 * What waits is shared out among the batches that may begin, if it is more than this: the server works on one while the
 * next is written. Smaller ones cost more commits than they gain.
 */
const MIN_SHARE = 200;

/**
 * Where a batch fails as a whole, calls that have waited so long for their turn are refused with it: trying would take as
 * long again, and nobody is to wait twice for a server that does not answer.
 */
const PATIENCE_MS = 200;

/** Group commit: calls that come while others are under way go together, in one transaction. */
export function createBatches<Call, Answer>({
  run,
  isWorthSplitting,
  sizeOf,
  maxRunning = MAX_RUNNING,
  elapsed = () => performance.now(),
}: BatchesOptions<Call, Answer>): (call: Call) => Promise<Answer> {
  interface Entry {
    readonly call: Call;
    readonly resolve: (answer: Answer) => void;
    readonly reject: (error: unknown) => void;
    readonly sinceMs: number;
  }
  let waiting: Entry[] = [];
  let waitingSize = 0;
  let running = 0;
  let isSet = false;

  const next = (): readonly Entry[] => {
    const share = Math.max(MIN_SHARE, Math.ceil(waitingSize / (maxRunning - running)));
    const limit = Math.min(MAX_SIZE, share);
    let size = 0;
    const end = waiting.findIndex(({ call }, index) => (size += sizeOf(call)) > limit && index > 0);
    const entries = end === -1 ? waiting : waiting.slice(0, end);
    waiting = waiting.slice(entries.length);
    for (const { call } of entries) waitingSize -= sizeOf(call);
    return entries;
  };

  /** They stand in the order in which they came. */
  const impatient = (): readonly Entry[] => {
    const nowMs = elapsed();
    const end = waiting.findIndex(({ sinceMs }) => nowMs - sinceMs < PATIENCE_MS);
    const gone = waiting.splice(0, end === -1 ? waiting.length : end);
    for (const { call } of gone) waitingSize -= sizeOf(call);
    return gone;
  };

  const settle = async (entries: readonly Entry[]): Promise<void> => {
    try {
      const answers = await run(entries.map(({ call }) => call));
      for (const [index, { resolve, reject }] of entries.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(new Error("A call of a batch was not answered"));
        else resolve(answer);
      }
    } catch (error) {
      if (!isWorthSplitting(error)) for (const { reject } of [...entries, ...impatient()]) reject(error);
      else if (entries.length === 1) for (const { reject } of entries) reject(error);
      else for (const entry of entries) await settle([entry]);
    }
  };

  const flush = (): void => {
    isSet = false;
    while (waiting.length > 0 && running < maxRunning) {
      const entries = next();
      running += 1;
      void settle(entries).finally(() => {
        running -= 1;
        flush();
      });
    }
  };

  return (call) =>
    new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject, sinceMs: elapsed() });
      waitingSize += sizeOf(call);
      // Enough for a batch: the server works on it while others are prepared.
      if (waitingSize >= MIN_SHARE && running < maxRunning) return flush();
      if (isSet) return;
      isSet = true;
      setImmediate(flush);
    });
}
