// Publishes, takes and settles for the store that started this thread, on a connection of its own.
import { randomBytes } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { createIds } from "../../ids.ts";
import { createVault } from "../../vault.ts";
import { asUnavailable, createCommitQueue } from "./commit-queue.ts";
import { toRows } from "./columns.ts";
import { connect } from "./connection.ts";
import { createDoubt } from "./doubt.ts";
import { createTakingAlong } from "./taking-along.ts";
import { createOutbox } from "./outbox.ts";
import { packResults } from "./plain-events.ts";
import { packFault } from "./packed-faults.ts";
import { packBatch, unpackSettle } from "./packed-work.ts";
import { renderPlainly, NotPlain, type PublishPlainly } from "./plain-publishing.ts";
import { createSettling } from "./settling.ts";
import { createTaking } from "./taking.ts";
import type { Numbered, ThreadAnswer, ThreadQuestion, ThreadSettings } from "./threaded-work.ts";
import { createWalSync } from "./wal-sync.ts";

// Given by `createThreadedWork`, and by nobody else.
const { file, vault, doubt } = workerData as ThreadSettings;
const { database, seals, checkPlace } = connect(file, createVault(vault));
database.exec("PRAGMA synchronous = NORMAL");
const log = createWalSync(file);
const write = createCommitQueue(database, { checkPlace, sync: log.sync, doubt: createDoubt(doubt) });
const { take } = createTaking(database, write, seals);
const { settle } = createSettling(database, write, seals);
const newId = createIds({ now: Date.now, randomBytes });
const outbox = createOutbox(database, write, { newId, seals, renderFor: renderPlainly });

const takingAlongOf = createTakingAlong(database);

const publish: PublishPlainly = async ({ events, nowMs, offers }) => {
  try {
    const plain = toRows(events).map(({ before, after, ...event }) => ({
      ...event,
      envelope: { before, after },
    }));
    const { results, along } = await outbox.publish(plain, nowMs, offers && takingAlongOf(offers));
    return { kind: "done", results: packResults(results), along };
  } catch (error) {
    if (!(error instanceof NotPlain)) throw error;
    return { kind: "unrendered", preferences: error.preferences };
  }
};

async function ask(question: ThreadQuestion): Promise<unknown> {
  switch (question.verb) {
    case "take":
      return packBatch(await take(question.request));
    case "settle":
      return settle(unpackSettle(question.request));
    case "publish":
      return publish(question.request);
  }
}

async function answerTo(question: ThreadQuestion & Numbered): Promise<ThreadAnswer> {
  const { number } = question;
  try {
    return { number, ok: true, value: await ask(question) };
  } catch (error) {
    return { number, ok: false, fault: packFault(asUnavailable(error)) };
  }
}

parentPort?.on("message", async (question: (ThreadQuestion & Numbered) | undefined) => {
  if (question !== undefined) return parentPort?.postMessage(await answerTo(question));
  log.close();
  database.close();
  parentPort?.close();
});
