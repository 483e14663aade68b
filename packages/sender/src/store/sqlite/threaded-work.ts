import { extname } from "node:path";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { StoreUnavailableError, type TakeRequest, type Work } from "../../store.ts";
import type { VaultOptions } from "../../vault.ts";
import { closed } from "./commit-queue.ts";
import type { PackedPublishRequest } from "./plain-events.ts";
import { unpackFault, type PackedFault } from "./packed-faults.ts";
import type { PublishPlainly } from "./plain-publishing.ts";
import { packSettle, unpackBatch, type PackedBatch, type PackedSettleRequest } from "./packed-work.ts";
import type { Turns } from "./turns.ts";

/** What the thread is started with. */
export interface ThreadSettings {
  readonly file: string;
  readonly vault: VaultOptions;
  /** See `Doubt`: a thread that follows one that died knows what that one found. */
  readonly doubt: SharedArrayBuffer;
}

export type ThreadQuestion =
  | { readonly verb: "take"; readonly request: TakeRequest }
  | { readonly verb: "settle"; readonly request: PackedSettleRequest }
  | { readonly verb: "publish"; readonly request: PackedPublishRequest };

/** What a question and its answer have in common. */
export interface Numbered {
  readonly number: number;
}

/** To a question; nothing at all asks the thread to end. */
export type ThreadAnswer = Numbered &
  ({ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: PackedFault });

export interface ThreadedWork extends Pick<Work, "take" | "settle"> {
  readonly publish: PublishPlainly;
  /** Ends the thread, if there is one, when what was asked of it has been answered. */
  close(): Promise<void>;
}

const FILE = new URL(`./work-thread${extname(import.meta.url)}`, import.meta.url);

/** A bundler that moves this module leaves the thread's file behind. */
export function hasThread(): boolean {
  return existsSync(fileURLToPath(FILE));
}

/**
 * Publishes, takes and settles in a thread, which is started when it is first needed: the process goes on sending while
 * SQLite writes and waits for the disk.
 */
export function createThreadedWork(settings: ThreadSettings, turns: Turns): ThreadedWork {
  let thread: Thread | undefined;
  let isClosed = false;
  const ask = <T>(question: ThreadQuestion): Promise<T> =>
    turns.together(async () => {
      if (isClosed) throw closed();
      thread ??= startThread(settings, () => (thread = undefined));
      // The thread answers as the verb does.
      return (await thread.ask(question)) as T;
    });
  return {
    take: async (request) => unpackBatch(await ask<PackedBatch>({ verb: "take", request })),
    settle: (request) => ask({ verb: "settle", request: packSettle(request) }),
    publish: (request) => ask({ verb: "publish", request }),
    close: () =>
      turns.alone(() => {
        isClosed = true;
        return thread?.end();
      }),
  };
}

interface Thread {
  ask(question: ThreadQuestion): Promise<unknown>;
  end(): Promise<void>;
}

function startThread(settings: ThreadSettings, onGone: () => void): Thread {
  // Without the flags of this process: some are for its main module only.
  const worker = new Worker(FILE, { name: "hooks-sqlite", workerData: settings, execArgv: [] });
  const asked = new Map<number, Asked>();
  let questions = 0;
  let reason: unknown = "it was ended";
  const gone = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      onGone();
      resolve();
      const message = `SQLite: the thread that writes has ended: ${messageOf(reason)}`;
      const error = new StoreUnavailableError(message, { cause: reason });
      for (const { reject } of asked.values()) reject(error);
    });
  });
  worker.on("error", (error) => (reason = error));
  worker.on("message", ({ number, ...answer }: ThreadAnswer) => {
    const question = asked.get(number);
    asked.delete(number);
    if (asked.size === 0) worker.unref();
    if (answer.ok) question?.resolve(answer.value);
    else question?.reject(unpackFault(answer.fault));
  });
  // It keeps the process alive while somebody waits for it, and not longer.
  worker.unref();
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        questions += 1;
        asked.set(questions, { resolve, reject });
        worker.ref();
        worker.postMessage({ ...question, number: questions });
      }),
    end: () => {
      worker.ref();
      worker.postMessage(undefined);
      return gone;
    },
  };
}

interface Asked {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
