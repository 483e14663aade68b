import type { Ids } from "../../ids.ts";
import { StoreUnavailableError, type Outbox, type PublishResult, type Transaction } from "../../store.ts";
import { notify } from "./announcements.ts";
import { createBatches } from "./batches.ts";
import type { Database, Session } from "./database.ts";
import type { KeyGuard } from "./keys.ts";
import { joinTransaction } from "./joining.ts";
import { decide, type Call } from "./outbox/decide.ts";
import { readKnown } from "./outbox/known.ts";
import { resultOf, writeRecords } from "./outbox/write.ts";
import { createTargetsMemory, type TargetsMemory } from "./outbox/targets-memory.ts";
import { readTargets } from "./outbox/targets.ts";
import { isAudienceChanged, isTaken } from "./unavailable.ts";

/** How often another process may publish the same id or key at the same moment before publishing is given up. */
const MAX_TRIES = 5;

export interface OutboxOptions {
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
  { newId, schema, keys }: OutboxOptions,
): Pick<Outbox, "publish"> {
  const memory = createTargetsMemory();
  const publish = createBatches<Call, readonly PublishResult[]>({
    run: (calls) => keys.sealing(() => session((one) => publishCalls(one, calls, { newId, keys, memory }))),
    // What the server cannot do now, it cannot do for one of them either.
    isWorthSplitting: (error) => !(error instanceof StoreUnavailableError),
    sizeOf: ({ events }) => events.length,
  });
  const publishWithin = async (call: Call, transaction: Transaction): Promise<readonly PublishResult[]> => {
    const joined = joinTransaction(transaction, place);
    const [results = []] = await keys.sealing(() =>
      publishCalls(joined, [call], { newId, keys, memory: NO_MEMORY }),
    );
    const isRefused = results.some(({ kind }) => kind !== "published");
    const endpoints = results.flatMap((result) => (result.kind === "published" ? result.endpoints : []));
    if (!isRefused) await notify(joined.query, schema, endpoints);
    return results;
  };
  return {
    publish: (events, nowMs, transaction) =>
      transaction === undefined ? publish({ events, nowMs }) : publishWithin({ events, nowMs }, transaction),
  };
}

/** In a transaction that others began, and under their role. */
const NO_MEMORY: TargetsMemory = { targetsFor: readTargets, forget: () => {} };

interface PublishCallsOptions extends Omit<OutboxOptions, "schema"> {
  readonly memory: TargetsMemory;
}

/**
 * Reads what is known, decides, renders, and writes; once more where somebody else was quicker with an id or key, or has
 * changed who is subscribed.
 */
async function publishCalls(
  session: Session,
  calls: readonly Call[],
  { newId, keys, memory }: PublishCallsOptions,
): Promise<readonly (readonly PublishResult[])[]> {
  for (let tries = 1; ; tries += 1) {
    const events = calls.flatMap((call) => call.events);
    const known = await readKnown(session.query, events, { ...memory, seals: keys.seals });
    const decisions = decide(calls, known);
    const records = decisions.flatMap((decision) =>
      decision.kind === "accepted" ? decision.events.flatMap((one) => (one.kind === "new" ? [one] : [])) : [],
    );
    try {
      if (records.length > 0)
        await session.atomically(({ query }) => writeRecords(query, records, { newId, known, keys }));
      return decisions.map((decision) =>
        decision.kind === "refused"
          ? decision.results
          : decision.events.map((one) => (one.kind === "new" ? resultOf(one) : one)),
      );
    } catch (error) {
      const isChanged = isAudienceChanged(error);
      if (isChanged) memory.forget();
      if (tries >= MAX_TRIES || !(isChanged || isTaken(error))) throw error;
    }
  }
}
