import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { createSharedBudgets } from "./shared-budgets.ts";
import type { Config } from "./config.ts";
import { type Answers, type Question, tell, type ToPrimary } from "./ipc.ts";
import { createHandovers } from "./handovers.ts";
import type { Log } from "./log.ts";
import { createMeeting, type Meeting } from "./meeting.ts";
import { createSnapshots, type Snapshots } from "./snapshots.ts";
import { createWorkerConfig } from "./worker-config.ts";

export interface PrimaryOptions {
  readonly config: Config;
  /** Since when that holds, in Unix milliseconds. */
  readonly sinceMs: number;
  readonly workers: number;
  readonly log: Log;
}

/** The process that takes no requests itself, and sees to it that there are others that do. */
export interface Primary {
  /** Begins workers; gives their port when all of them take requests. Rejects when one ends before. */
  start(): Promise<number>;
  /**
   * Resolves when all workers have gone over. Where one of them cannot, the others go back, and this rejects with who could
   * not and why.
   */
  reload(config: Config, sinceMs: number): Promise<void>;
  /** Ends when all workers have answered what they were asked and ended. */
  stop(): Promise<void>;
}

/** The first of several ends in a row, of a worker and those that took its place, is made good at once; at last one in ten seconds. */
const pauses = [0, 100, 1_000, 10_000];
/** A worker that lived so long ended by accident. */
const steadyMs = 30_000;

export function createPrimary({ config, sinceMs, workers: count, log }: PrimaryOptions): Primary {
  let stopping = false;
  const live = new Map<number, Worker>();
  const starting = createStarting();
  const started = new Set<number>();
  const configs = createWorkerConfig({ config, sinceMs, processes: count });
  const serving = () => [...live.values()].filter(({ id }) => started.has(id));
  const snapshots = createSnapshots(serving);
  const meeting = createMeeting(serving);
  const watchHandovers = createHandovers();
  const answer = createAnswering({ snapshots, meeting });

  const hear = async (worker: Worker, message: ToPrimary): Promise<void> => {
    switch (message.kind) {
      case "ready":
        return configs.ready(worker);
      case "started":
        started.add(worker.id);
        return starting.succeeded(message.port);
      case "failed":
        if (starting.failed(message.problem)) return;
        return log.error(
          { pid: worker.process.pid, problem: message.problem },
          "a worker cannot take requests",
        );
      case "configured":
        return configs.confirmed(worker, message.id, message.problem);
      case "collected":
        return snapshots.collected(worker, message.id, message.snapshot);
      case "ask":
        return tell(worker, { kind: "answer", id: message.id, value: await answer(worker, message) });
    }
  };
  const fork = (endedInARow = 0) => {
    const worker = cluster.fork();
    watchHandovers(worker);
    const bornMs = performance.now();
    live.set(worker.id, worker);
    worker.on("message", (message: ToPrimary) => void hear(worker, message));
    worker.on("exit", (code, signal) => {
      live.delete(worker.id);
      snapshots.ended(worker);
      configs.ended(worker);
      const hadStarted = started.delete(worker.id);
      meeting.ended();
      if (stopping) return;
      if (!hadStarted) starting.failed("A worker ended before it took requests");
      const inARow = performance.now() - bornMs > steadyMs ? 0 : endedInARow + 1;
      const pauseMs = pauses[Math.min(inARow, pauses.length) - 1] ?? 0;
      log.error({ pid: worker.process.pid, code, signal, pauseMs }, "a worker ended and is begun again");
      setTimeout(() => stopping || fork(inARow), pauseMs);
    });
  };
  return {
    start: async () => {
      cluster.setupPrimary({ serialization: "advanced" });
      const ports = Array.from({ length: count }, () => {
        fork();
        return starting.next();
      });
      const [port = 0] = await Promise.all(ports);
      return port;
    },
    reload: configs.change,
    stop: async () => {
      stopping = true;
      await Promise.all([...live.values()].map(end));
    },
  };
}

async function end(worker: Worker): Promise<void> {
  const ended = once(worker, "exit");
  worker.process.kill("SIGTERM");
  await ended;
}

/** Those that wait for a worker to take requests. */
interface Starting {
  /** Gives the port of the first worker that takes requests for it. */
  next(): Promise<number>;
  succeeded(port: number): void;
  /** Says whether somebody waited. */
  failed(problem: string): boolean;
}

function createStarting(): Starting {
  const waiting: { resolve(port: number): void; reject(error: Error): void }[] = [];
  return {
    next: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    succeeded: (port) => waiting.shift()?.resolve(port),
    failed: (problem) => {
      const first = waiting.shift();
      first?.reject(new Error(problem));
      return first !== undefined;
    },
  };
}

type Answer = Answers[Question["about"]];

function createAnswering({
  snapshots,
  meeting,
}: {
  readonly snapshots: Snapshots;
  readonly meeting: Meeting;
}) {
  const openBudget = createSharedBudgets();
  return async (worker: Worker, question: Question): Promise<Answer> => {
    switch (question.about) {
      case "budget":
        return openBudget(question.owner).take(question.requests);
      case "snapshots":
        return snapshots.collect();
      case "drain":
        await meeting.reached(worker, question.stage);
        return undefined;
    }
  };
}
