import type { ContractsError, Problem } from "@hooks/codegen";
import { exitCode, type ExitCode, type Io } from "./command.ts";
import { Failure } from "./failure.ts";
import { printJson } from "./output.ts";

/** What was called, as far as that is known. */
export interface Called {
  /** Such as `contracts lint`. */
  readonly name?: string | undefined;
  /** With `--json`, what to print of the problems; else nothing is printed. */
  readonly toJson?: ((problems: readonly Problem[]) => unknown) | undefined;
}

/** Problems that say that the arguments name something which cannot be used. */
const misuseCodes = new Set(
  "folder_in_use invalid_package_name unreadable_baseline unreadable_file unreadable_folder".split(" "),
);

/** Explains what stopped a command, and says what the process ends with. What no user can mend is thrown again. */
export async function reportFailure(error: unknown, { name, toJson }: Called, io: Io): Promise<ExitCode> {
  if (isContractsError(error)) {
    const { formatProblem } = await import("@hooks/codegen");
    for (const problem of error.problems) io.explain(`${formatProblem(problem)}\n`);
    if (toJson !== undefined) printJson(toJson(error.problems), io);
    return exitOf(error.problems);
  }
  if (!(error instanceof Failure)) throw error;
  const { code, file, message, exit } = error;
  io.explain(`hooks: ${message} [${code}]\n`);
  if (code === "misuse")
    io.explain(`See ${["hooks", ...(name === undefined ? [] : [name]), "--help"].join(" ")}\n`);
  if (toJson !== undefined) printJson(toJson([{ code, file, pointer: "", message }]), io);
  return exit;
}

/** 2 when all the problems are about what the arguments name, else 1. */
export function exitOf(problems: readonly Problem[]): ExitCode {
  return problems.every(({ code }) => misuseCodes.has(code)) ? exitCode.misuse : exitCode.found;
}

/** Recognised by its code, so that a command that needs no contracts need not load their engine. */
function isContractsError(error: unknown): error is ContractsError {
  return error instanceof Error && "code" in error && error.code === "invalid_contracts";
}
