import { setTimeout as sleep } from "node:timers/promises";
import { examples, newEvent } from "./contract-events.ts";
import { type GithubRequest, planGithubRequests, sendGithubRequest } from "./github.ts";
import type { Journeys } from "./journey.ts";
import type { FactRecord } from "./record.ts";
import type { Screen } from "./screen.ts";
import { settle } from "./settle.ts";
import type { Stack } from "./stack.ts";

/** What the phases of the demo work with. */
export interface Stage {
  readonly stack: Stack;
  readonly screen: Screen;
  readonly record: FactRecord;
  readonly journeys: Journeys;
}

/** Between two events that are shown, so that one can read along. */
const showPauseMs = 80;
const watchPauseMs = 3_000;
const batches = 20;
const batchSize = 25;
const githubConnections = 6;
/** After the last arrival: time for what should not come. */
const quietMs = 1_000;

/** Publishes every example of every contract once; the journeys are shown as they are completed. */
export async function showEach(stage: Stage): Promise<void> {
  for (const turn of examples.keys()) {
    await attempt(stage, () => publishShown(stage, turn, stage.record));
    await sleep(showPauseMs);
  }
  await settle({ done: stage.journeys.completed, total: examples.length });
}

/** Sends all GitHub payloads, some twice, some forged, and many contract events, all at the same time. */
export async function sendBulk(stage: Stage): Promise<void> {
  const { record, screen } = stage;
  const before = record.count().arrived;
  const plan = planGithubRequests();
  const total = plan.length + batches * batchSize;
  const queue = plan.values();
  const sending = [
    publishBatches(stage),
    ...Array.from({ length: githubConnections }, () => sendGithubPayloads(stage, queue)),
  ];
  await settle({
    done: () => record.count().arrived - before,
    total,
    onProgress: (done) => screen.progress(done, total),
  });
  await Promise.all(sending);
  await sleep(quietMs);
}

/** Publishes one event every few seconds, for ever. */
export async function watch(stage: Stage): Promise<never> {
  for (let turn = 0; ; turn += 1) {
    await publishShown(stage, turn).catch((error: unknown) => stage.screen.fail(String(error)));
    await sleep(watchPauseMs);
  }
}

async function publishShown({ stack, journeys }: Stage, turn: number, record?: FactRecord): Promise<void> {
  const event = newEvent(turn);
  journeys.begin(event.id, event.type);
  record?.sent("contract events", event.id);
  await stack.api.publish(event);
  journeys.reach(event.id, "published", Date.now());
}

async function publishBatches(stage: Stage): Promise<void> {
  for (let batch = 0; batch < batches; batch += 1) {
    const events = Array.from({ length: batchSize }, (_, index) => newEvent(batch * batchSize + index));
    for (const { id } of events) stage.record.sent("contract events", id);
    await attempt(stage, () => stage.stack.api.publishBatch(events));
    // A publisher that overtakes its consumer would measure the queue between them.
    const done = () => events.filter(({ id }) => stage.record.hasArrived(id)).length;
    if (!(await settle({ done, total: batchSize }))) return;
  }
}

/** One of several that share a queue. */
async function sendGithubPayloads(stage: Stage, queue: Iterable<readonly GithubRequest[]>): Promise<void> {
  const { record, stack } = stage;
  const target = { url: `${stack.gatewayUrl}/in/github`, secret: stack.githubSecret };
  for (const requests of queue) {
    for (const request of requests) {
      if (request.request === "first") record.sent("GitHub payloads", request.id);
      await attempt(stage, async () => record.answered(await sendGithubRequest(target, request)));
    }
  }
}

/** What fails here is a fault of the run, and not its end. */
async function attempt({ record }: Stage, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) =>
    record.unexpected(error instanceof Error ? error.message : String(error)),
  );
}
