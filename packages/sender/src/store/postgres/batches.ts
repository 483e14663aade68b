export interface BatchesOptions<Call, Answer> {
  /** Does several calls at once, all or none; an answer for each. */
  readonly run: (calls: readonly Call[]) => Promise<readonly Answer[]>;
  /** Whether the same call can do better without the others: it may be one of them that is at fault. */
  readonly isWorthSplitting: (error: unknown) => boolean;
  readonly sizeOf: (call: Call) => number;
}

/** How many batches are under way at once: while one waits for the disk, the next is sent. */
const MAX_RUNNING = 2;
/** The sum of the sizes of a batch, unless one call alone is larger. */
const MAX_SIZE = 1_000;

/** Group commit: calls that come while others are under way go together, in one transaction. */
export function createBatches<Call, Answer>({
  run,
  isWorthSplitting,
  sizeOf,
}: BatchesOptions<Call, Answer>): (call: Call) => Promise<Answer> {
  interface Entry {
    readonly call: Call;
    readonly resolve: (answer: Answer) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Entry[] = [];
  let running = 0;
  let isSet = false;

  const next = (): readonly Entry[] => {
    let size = 0;
    const end = waiting.findIndex(({ call }, index) => (size += sizeOf(call)) > MAX_SIZE && index > 0);
    const entries = end === -1 ? waiting : waiting.slice(0, end);
    waiting = waiting.slice(entries.length);
    return entries;
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
      if (entries.length === 1 || !isWorthSplitting(error)) for (const { reject } of entries) reject(error);
      else for (const entry of entries) await settle([entry]);
    }
  };

  const flush = (): void => {
    isSet = false;
    while (waiting.length > 0 && running < MAX_RUNNING) {
      running += 1;
      void settle(next()).finally(() => {
        running -= 1;
        flush();
      });
    }
  };

  return (call) =>
    new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject });
      if (isSet) return;
      isSet = true;
      setImmediate(flush);
    });
}
