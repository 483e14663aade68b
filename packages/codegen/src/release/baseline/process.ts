import { spawn } from "node:child_process";

export interface Ran {
  /** Whether it ended with 0. */
  readonly ok: boolean;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly folder: string;
  readonly input?: string;
  readonly maxBytes: number;
}

/**
 * Runs a program without a shell in between. A program that cannot be started, or that says more than `maxBytes`,
 * has not run well.
 */
export function runProgram([program = "", ...args]: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: options.folder, stdio: ["pipe", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;
    const take = (into: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= options.maxBytes) into.push(chunk);
      else child.kill();
    };
    child.stdout.on("data", take(stdout));
    child.stderr.on("data", take(stderr));
    child.stdin.on("error", () => {}).end(options.input ?? "");
    child.on("error", ({ message }) => resolve({ ok: false, stdout: Buffer.alloc(0), stderr: message }));
    child.on("close", (code) =>
      resolve({
        ok: code === 0 && bytes <= options.maxBytes,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
  });
}
