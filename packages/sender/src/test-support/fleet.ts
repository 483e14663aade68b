import { fileURLToPath } from "node:url";
import { startChild, until, type Child } from "@hooks/testkit";
import type { WorkerSettings } from "../sender.ts";

const program = fileURLToPath(new URL("./worker-process.ts", import.meta.url));

/** How a worker of a process of its own is set up. */
export interface WorkerSetup {
  /** What it sends as `user-agent`. */
  readonly name: string;
  /** The URL of a PostgreSQL, or the path of a SQLite file. */
  readonly store: string;
  /** How wrong the clock of its machine is, in milliseconds. */
  readonly clockMs?: number;
  /** How long it waits for PostgreSQL. Default: that of the store. */
  readonly storeTimeoutMs?: number;
  readonly worker: WorkerSettings;
}

/** What such a process tells. */
export type Said =
  | { readonly kind: "ready" | "flipped" }
  /** It made an attempt that the store did not believe. */
  | { readonly kind: "unsettled"; readonly delivery: string }
  | { readonly kind: "fault"; readonly error: string }
  /** How often it asked the store for deliveries after it was told to end. */
  | { readonly kind: "ended"; readonly takesSince: number };

export interface WorkerProcess {
  readonly name: string;
  readonly child: Child;
  said(): readonly Said[];
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM; gives what it said at its end. */
  end(): Promise<Extract<Said, { kind: "ended" }>>;
}

/** Workers in processes of their own. */
export interface Fleet {
  start(setup: Omit<WorkerSetup, "store">): Promise<WorkerProcess>;
  readonly workers: readonly WorkerProcess[];
  named(name: string): WorkerProcess;
  /** Kills what is still there. */
  close(): Promise<void>;
}

export function createFleet(store: string): Fleet {
  const workers: WorkerProcess[] = [];
  return {
    workers,
    named: (name) => find(workers, name),
    async start(setup) {
      const args = [program, JSON.stringify({ ...setup, store } satisfies WorkerSetup)];
      const child = await startChild(process.execPath, args);
      const worker = workerOf(setup.name, child);
      workers.push(worker);
      const isReady = () => worker.said().some(({ kind }) => kind === "ready");
      const what = () => `the worker ${setup.name}\n${child.output()}`;
      await until(() => isReady() || !child.running(), { timeoutMs: 60_000, what: setup.name });
      if (!child.running()) throw new Error(`It ended: ${what()}`);
      return worker;
    },
    async close() {
      for (const worker of workers) await worker.kill();
    },
  };
}

function find(workers: readonly WorkerProcess[], name: string): WorkerProcess {
  const found = workers.find((worker) => worker.name === name);
  if (found === undefined) throw new Error(`There is no worker ${name}`);
  return found;
}

function workerOf(name: string, child: Child): WorkerProcess {
  const said = () =>
    child
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Said);
  return {
    name,
    child,
    said,
    async kill() {
      child.signal("SIGKILL");
      await child.exited;
    },
    async end() {
      child.signal("SIGTERM");
      const { code } = await child.exited;
      const last = said().find((one) => one.kind === "ended");
      if (code !== 0 || last === undefined) throw new Error(`${name} ended with ${code}: ${child.output()}`);
      return last;
    },
  };
}
