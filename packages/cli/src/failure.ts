import { exitCode, type ExitCode } from "./command.ts";

export interface FailureOptions {
  /** Stable and for programs, such as `unreadable_file`. */
  readonly code: string;
  /** Default 1. */
  readonly exit?: ExitCode;
  readonly cause?: unknown;
}

/** Ends a command with one sentence and no stack: what the user can mend. */
export class Failure extends Error {
  readonly code: string;
  readonly exit: ExitCode;

  constructor(message: string, { code, exit = exitCode.found, cause }: FailureOptions) {
    super(message, { cause });
    this.name = "Failure";
    this.code = code;
    this.exit = exit;
  }
}

/** The command was called wrongly: exit 2. */
export function misuse(message: string): Failure {
  return new Failure(message, { code: "misuse", exit: exitCode.misuse });
}
