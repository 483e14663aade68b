/** A fault in the configuration: where, and what was expected. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** The faults found so far, and the places that are faulty: what is said of those is but a consequence. */
export interface Problems {
  readonly all: readonly Problem[];
  add(path: string, message: string): void;
  /** What stands at this place could not be had; the reason is told elsewhere. */
  spoil(path: string): void;
  /** Whether there is a fault at this place, within it or around it. */
  isFaulty(path: string): boolean;
}

export function createProblems(): Problems {
  const all: Problem[] = [];
  const faulty = new Set<string>();
  return {
    all,
    add: (path, message) => {
      faulty.add(path);
      all.push({ path, message });
    },
    spoil: (path) => void faulty.add(path),
    isFaulty: (path) => [...faulty].some((one) => isWithin(one, path) || isWithin(path, one)),
  };
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}.`);
}
