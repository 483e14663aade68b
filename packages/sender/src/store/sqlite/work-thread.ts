// Takes and settles for the store that started this thread, on a connection of its own.
import { parentPort, workerData } from "node:worker_threads";
import { createVault } from "../../vault.ts";
import { StoreUnavailableError } from "../../store.ts";
import { asUnavailable, createCommitQueue } from "./commit-queue.ts";
import { connect } from "./connection.ts";
import { createSettling } from "./settling.ts";
import { createTaking } from "./taking.ts";
import type { Numbered, ThreadAnswer, ThreadQuestion, ThreadSettings } from "./threaded-work.ts";

// Given by `createThreadedWork`, and by nobody else.
const { path, vault } = workerData as ThreadSettings;
const { database, seals, checkPlace } = connect(path, createVault(vault));
// It is asked again, and who publishes waits for it.
const write = createCommitQueue(database, { checkPlace, maxWaitMs: 250 });
const { take } = createTaking(database, write, seals);
const { settle } = createSettling(database, write, seals);

async function answerTo({ number, verb, request }: ThreadQuestion & Numbered): Promise<ThreadAnswer> {
  try {
    return { number, ok: true, value: await (verb === "take" ? take(request) : settle(request)) };
  } catch (fault) {
    const error = asUnavailable(fault);
    // Of an error, its class does not come across.
    return { number, ok: false, isUnavailable: error instanceof StoreUnavailableError, error };
  }
}

parentPort?.on("message", async (question: (ThreadQuestion & Numbered) | undefined) => {
  if (question !== undefined) return parentPort?.postMessage(await answerTo(question));
  database.close();
  parentPort?.close();
});
