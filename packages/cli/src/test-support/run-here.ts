import { run } from "../run.ts";

export interface RanHere {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly input?: Uint8Array;
  readonly variables?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/** Runs a command in this process. */
export async function runHere(args: readonly string[], surroundings: Surroundings = {}): Promise<RanHere> {
  const { input = new Uint8Array(), variables = {}, folder = "." } = surroundings;
  const written = { stdout: "", stderr: "" };
  const exit = await run(args, {
    folder,
    print: (text) => void (written.stdout += text),
    explain: (text) => void (written.stderr += text),
    readInput: async () => Buffer.from(input),
    readVariable: (name) => variables[name],
  });
  return { exit, ...written };
}
