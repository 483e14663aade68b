import { spawn, type ChildProcess } from "node:child_process";

/** A process this test started, and the only one it may end. */
export interface Child {
  readonly pid: number;
  /** What it wrote to its standard output and error so far. */
  readonly output: () => string;
  /** Settles when it has ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly running: () => boolean;
  /** Sends a signal to this process alone. */
  signal(name: NodeJS.Signals): void;
}

export interface ChildOptions {
  readonly cwd?: string;
  /** The whole environment, not an addition to the parent's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Runs as this user; only root can ask for it. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

const children = new Set<ChildProcess>();
const killAll = () => {
  for (const child of children) child.kill("SIGKILL");
};
// A test run that ends early must not leave servers behind; a signal ends it without "exit".
process.once("exit", killAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => {
    killAll();
    process.kill(process.pid, signal);
  });

/** Starts `command` as a process of its own. Throws when it cannot be started. */
export async function startChild(
  command: string,
  args: readonly string[],
  { cwd, env, user }: ChildOptions = {},
): Promise<Child> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    ...user,
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<Awaited<Child["exited"]>>((resolve) => {
    child.on("exit", (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once("error", (cause) => reject(new Error(`${command} could not be started`, { cause })));
    child.once("spawn", () => resolve(child.pid ?? 0));
  });
  children.add(child);
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    output: () => output,
    exited,
    running,
    signal: (name) => void (running() && child.kill(name)),
  };
}
