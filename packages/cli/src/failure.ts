import { exitCode, type ExitCode } from "./command.ts";

export interface FailureOptions {
  /** Stable and for programs, such as `unreadable_file`. */
  readonly code: string;
  /** Default 1. */
  readonly exit?: ExitCode;
  /** The file it is about, as the user named it. */
  readonly file?: string;
  readonly cause?: unknown;
}

/** Ends a command with one sentence and no stack: what the user can mend. */
export class Failure extends Error {
  readonly code: string;
  readonly exit: ExitCode;
  readonly file: string;

  constructor(message: string, { code, exit = exitCode.found, file = "", cause }: FailureOptions) {
    super(message, { cause });
    this.name = "Failure";
    this.code = code;
    this.exit = exit;
    this.file = file;
  }
}

/** The command was called wrongly: exit 2. */
export function misuse(message: string): Failure {
  return new Failure(message, { code: "misuse", exit: exitCode.misuse });
}

/** A file, folder, package or the like that the arguments name is not what it has to be: exit 2. */
export function unusable(message: string, options: Omit<FailureOptions, "exit">): Failure {
  return new Failure(message, { ...options, exit: exitCode.misuse });
}
