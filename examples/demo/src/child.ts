import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Cleanup } from "./cleanup.ts";
import { type LogLine, readLogLine } from "./log-line.ts";

export interface ChildOptions {
  readonly name: string;
  /** The compiled program. */
  readonly script: string;
  readonly folder: string;
  /** All it sees of the environment, besides `PATH`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: LogLine) => void;
  /** It ended although nobody stopped it; `log` is the end of what it wrote. */
  readonly onDeath: (death: Death) => void;
}

export interface Death {
  readonly name: string;
  /** Such as `exit code 1` or `SIGKILL`. */
  readonly how: string;
  readonly log: readonly string[];
}

/** What an app has for ending by itself, and some more. */
const graceMs = 20_000;
const keptLines = 15;

/**
 * Starts an app and gives its address when it listens; when it dies before, only `onDeath` hears of it. The clean-up
 * ends it by SIGTERM. It cannot outlive this process, however that ends.
 */
export async function startChild(options: ChildOptions, cleanup: Cleanup): Promise<string> {
  const { name, script, folder, environment, onLine, onDeath } = options;
  const preload = new URL("./end-with-parent.js", import.meta.url).href;
  const child = spawn(process.execPath, ["--import", preload, script], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A group of its own: Ctrl-C reaches the demo only, which then ends its children in order.
    detached: true,
  });
  const exited = once(child, "exit");
  let stopping = false;
  cleanup.add(async () => {
    stopping = true;
    const late = setTimeout(() => child.kill("SIGKILL"), graceMs);
    child.kill("SIGTERM");
    await exited;
    clearTimeout(late);
  });
  const killAtExit = () => child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const log: string[] = [];
  child.once("close", (code, signal) => {
    process.off("exit", killAtExit);
    if (!stopping) onDeath({ name, how: signal ?? `exit code ${code}`, log });
  });
  return new Promise((resolve) => {
    const read = (text: string) => {
      log.push(text);
      if (log.length > keptLines) log.shift();
      const line = readLogLine(text);
      const url = /listening on (http:\S+)/.exec(line.msg)?.[1];
      if (url !== undefined) resolve(url);
      onLine(line);
    };
    readLines(child.stdout, read);
    readLines(child.stderr, read);
  });
}

function readLines(stream: Readable | null, read: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on("line", read);
}
