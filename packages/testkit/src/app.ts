import { type Child, startChild } from "./child.ts";
import { until } from "./until.ts";

export interface SpawnAppOptions {
  /** The program's JavaScript file. */
  readonly main: string;
  readonly args?: readonly string[];
  /** Its environment besides PATH. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Answers anything below 500 once the app is ready, such as `http://127.0.0.1:4100/healthz`. */
  readonly readyUrl: string;
  /** Milliseconds it may take to get ready. */
  readonly readyWithinMs?: number;
}

/** A Node.js program running as a process of its own. */
export interface App extends Child {
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and wait until it is gone; gives the exit code. */
  terminate(): Promise<number | null>;
}

/** Starts a Node.js program and waits until it answers at `readyUrl`. Throws, with its output, when it ends before. */
export async function spawnApp(options: SpawnAppOptions): Promise<App> {
  const { main, args = [], env = {}, cwd, readyUrl, readyWithinMs = 60_000 } = options;
  const child = await startChild(process.execPath, [main, ...args], {
    env: { PATH: process.env["PATH"], ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const app: App = {
    ...child,
    kill: async () => {
      child.signal("SIGKILL");
      await child.exited;
    },
    terminate: async () => {
      child.signal("SIGTERM");
      return (await child.exited).code;
    },
  };
  try {
    await until(() => !child.running() || answers(readyUrl), {
      timeoutMs: readyWithinMs,
      everyMs: 25,
      what: readyUrl,
    });
  } catch (cause) {
    await app.kill();
    throw new Error(`${main} did not get ready:\n${child.output().slice(-2000)}`, { cause });
  }
  if (!child.running()) throw new Error(`${main} ended early:\n${child.output().slice(-2000)}`);
  return app;
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
  await response.arrayBuffer();
  return response.status < 500;
}
