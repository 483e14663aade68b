/** Counts what has been begun and is not done. */
export interface Outstanding {
  add(): void;
  done(): void;
  /** Resolves when there is none. */
  none(): Promise<void>;
}

export function createOutstanding(): Outstanding {
  let count = 0;
  let tell: (() => void) | undefined;
  return {
    add: () => {
      count += 1;
    },
    done: () => {
      count -= 1;
      if (count === 0) tell?.();
    },
    none: () =>
      new Promise((resolve) => {
        if (count === 0) return resolve();
        tell = resolve;
      }),
  };
}
