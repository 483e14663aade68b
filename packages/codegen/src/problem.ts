/** One thing that is wrong in a folder of schemas. */
export interface Problem {
  /** Stable and for programs, such as `unknown_annotation`. */
  readonly code: string;
  /** Relative to the folder of schemas. */
  readonly file: string;
  /** JSON Pointer into the file. */
  readonly pointer: string;
  readonly message: string;
}

/** Thrown when schemas cannot be used; its message lists every problem, one a line. */
export class ContractsError extends Error {
  readonly code = "invalid_contracts";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(`The contracts have ${problems.length} problem(s):\n${problems.map(formatProblem).join("\n")}`);
    this.name = "ContractsError";
    this.problems = problems;
  }
}

/** What is thrown for a single problem; without a pointer it is about the whole file. */
export function refusal({
  pointer = "",
  ...problem
}: Omit<Problem, "pointer"> & Partial<Pick<Problem, "pointer">>): ContractsError {
  return new ContractsError([{ ...problem, pointer }]);
}

/** Writes a problem in one line: place (if it has one), what is wrong, code. */
export function formatProblem({ file, pointer, message, code }: Problem): string {
  const place = `${file}${pointer === "" ? "" : `#${pointer}`}`;
  return `${place === "" ? "" : `${place}: `}${message} [${code}]`;
}
