import type { Ids } from "../../ids.ts";
import {
  StoreUnavailableError,
  type Outbox,
  type PublishResult,
  type Taker,
  type Transaction,
  type Work,
} from "../../store.ts";
import { createServing } from "../serving.ts";
import { notify } from "./announcements.ts";
import { createBatches } from "./batches.ts";
import type { Database, Row, Session } from "./database.ts";
import type { KeyGuard } from "./keys.ts";
import { joinTransaction } from "./joining.ts";
import { decide, type Call } from "./outbox/decide.ts";
import { readKnown } from "./outbox/known.ts";
import type { TakingAlong } from "./outbox/taking-along.ts";
import { resultOf, writeRecords } from "./outbox/write.ts";
import { createTargetsMemory, type TargetsMemory } from "./outbox/targets-memory.ts";
import { readTargets } from "./outbox/targets.ts";
import { createWaiting, publishFree, type Answer, type Outcome } from "./outbox/waiting.ts";
import { isAudienceChanged, isLockTimeout, isTaken } from "./unavailable.ts";

/** How many transactions wait for others: each holds a connection meanwhile. */
const MAX_PATIENT = 2;

/** How often another process may publish the same id or key at the same moment before publishing is given up. */
const MAX_TRIES = 5;

export interface OutboxOptions {
  /** Over connections on which nothing waits for another transaction for long. */
  readonly hasty: Pick<Database, "query" | "session">;
  readonly newId: Ids;
  readonly schema: string;
  readonly keys: KeyGuard;
}

/**
 * Keeps events together with their deliveries: what is published at the same time goes in one transaction, unless the
 * caller brings one.
 */
export function createOutbox(
  { session, place }: Database,
  { hasty, newId, schema, keys }: OutboxOptions,
): Pick<Outbox, "publish"> & Pick<Work, "serve"> {
  const { serve, takerNow } = createServing();
  const memory = createTargetsMemory();
  const publishOn =
    ({ session: open }: Pick<Database, "session">) =>
    (calls: readonly Call[]) =>
      keys.sealing(() => open((one) => publishCalls(one, calls, { newId, keys, memory, taker: takerNow() })));
  const batching = {
    // What the server cannot do now, it cannot do for one of them either.
    isWorthSplitting: (error: unknown) => !(error instanceof StoreUnavailableError),
    sizeOf: ({ events }: Call) => events.length,
  };
  const publish = createWaiting({
    hasty: createBatches<Call, Outcome>({
      ...batching,
      run: (calls) => publishFree(calls, { query: hasty.query, publish: publishOn(hasty) }),
    }),
    patient: createBatches<Call, Answer>({
      ...batching,
      run: publishOn({ session }),
      maxRunning: MAX_PATIENT,
    }),
  });
  const publishWithin = async (call: Call, transaction: Transaction): Promise<readonly PublishResult[]> => {
    const joined = joinTransaction(transaction, place);
    const [results = []] = await keys.sealing(() =>
      publishCalls(joined, [call], { newId, keys, memory: NO_MEMORY, taker: undefined }),
    );
    const isRefused = results.some(({ kind }) => kind !== "published");
    const endpoints = results.flatMap((result) => (result.kind === "published" ? result.endpoints : []));
    if (!isRefused) await notify(joined.query, schema, endpoints);
    return results;
  };
  return {
    serve,
    publish: (events, nowMs, transaction) =>
      transaction === undefined ? publish({ events, nowMs }) : publishWithin({ events, nowMs }, transaction),
  };
}

/** In a transaction that others began, and under their role. */
const NO_MEMORY: TargetsMemory = { targetsFor: readTargets, forget: () => {} };

interface PublishCallsOptions extends Pick<OutboxOptions, "newId" | "keys"> {
  readonly memory: TargetsMemory;
  readonly taker: Taker | undefined;
}

/**
 * Reads what is known, decides, renders, and writes; once more where somebody else was quicker with an id or key, or has
 * changed who is subscribed.
 */
async function publishCalls(
  session: Session,
  calls: readonly Call[],
  { memory, ...options }: PublishCallsOptions,
): Promise<readonly (readonly PublishResult[])[]> {
  for (let tries = 1; ; tries += 1) {
    const events = calls.flatMap((call) => call.events);
    const known = await readKnown(session.query, events, { ...memory, seals: options.keys.seals });
    const decisions = decide(calls, known);
    const records = decisions.flatMap((decision) =>
      decision.kind === "accepted" ? decision.events.flatMap((one) => (one.kind === "new" ? [one] : [])) : [],
    );
    let along: TakingAlong | undefined;
    let rows: readonly Row[] = [];
    try {
      if (records.length > 0) {
        [rows = []] = await session.atomically(async ({ query }) => {
          const writing = await writeRecords(query, records, { ...options, known });
          along = writing.along;
          return writing.steps;
        });
      }
    } catch (error) {
      const isChanged = isAudienceChanged(error);
      if (isChanged) memory.forget();
      const isRefused = isChanged || isTaken(error);
      if (isRefused || isLockTimeout(error)) along?.withdraw();
      else along?.giveUp();
      if (tries >= MAX_TRIES || !isRefused) throw error;
      continue;
    }
    along?.finish(rows);
    return decisions.map((decision) =>
      decision.kind === "refused"
        ? decision.results
        : decision.events.map((one) => (one.kind === "new" ? resultOf(one, along) : one)),
    );
  }
}
