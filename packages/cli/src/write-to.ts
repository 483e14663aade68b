import { resolve } from "node:path";
import { ContractsError } from "@hooks/codegen";
import type { Io } from "./command.ts";
import { unusable } from "./failure.ts";

/** Lets something be written to the folder that `--out` names; what is in the way is told in the words of the caller. */
export async function writeTo<T>(out: string, io: Io, write: (folder: string) => Promise<T>): Promise<T> {
  const folder = resolve(io.folder, out);
  try {
    return await write(folder);
  } catch (cause) {
    if (cause instanceof ContractsError)
      throw new ContractsError(
        cause.problems.map((one) => (one.file === folder ? { ...one, file: out } : one)),
      );
    const isOfSystem = cause instanceof Error && "syscall" in cause && "code" in cause;
    if (!isOfSystem) throw cause;
    throw unusable(`${out} cannot be written (${String(cause.code)}).`, {
      code: "write_failed",
      file: out,
      cause,
    });
  }
}
