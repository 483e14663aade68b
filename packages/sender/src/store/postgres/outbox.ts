import type { Ids } from "../../ids.ts";
import type { Outbox, PublishResult } from "../../store.ts";
import { createBatches } from "./batches.ts";
import type { Database, Session } from "./database.ts";
import { decide, type Call } from "./outbox/decide.ts";
import { readKnown } from "./outbox/known.ts";
import { resultOf, writeRecords } from "./outbox/write.ts";
import { isTaken } from "./unavailable.ts";
import { StoreUnavailableError } from "../../store.ts";

/** How often another process may publish the same id or key at the same moment before publishing is given up. */
const MAX_TRIES = 5;

/** Keeps events together with their deliveries: what is published at the same time goes in one transaction. */
export function createOutbox({ session }: Pick<Database, "session">, newId: Ids): Outbox {
  const publish = createBatches<Call, readonly PublishResult[]>({
    run: (calls) => session((one) => publishCalls(one, calls, newId)),
    // What the server cannot do now, it cannot do for one of them either.
    isWorthSplitting: (error) => !(error instanceof StoreUnavailableError),
    sizeOf: ({ events }) => events.length,
  });
  return { publish: (events, nowMs) => publish({ events, nowMs }) };
}

/** Reads what is known, decides, renders, and writes; once more where somebody else was quicker with an id or key. */
export async function publishCalls(
  session: Session,
  calls: readonly Call[],
  newId: Ids,
): Promise<readonly (readonly PublishResult[])[]> {
  for (let tries = 1; ; tries += 1) {
    const known = await readKnown(
      session.query,
      calls.flatMap(({ events }) => events),
    );
    const decisions = decide(calls, known);
    const records = decisions.flatMap((decision) =>
      decision.kind === "accepted" ? decision.events.flatMap((one) => (one.kind === "new" ? [one] : [])) : [],
    );
    try {
      if (records.length > 0)
        await session.atomically(({ query }) => writeRecords(query, records, { newId, known }));
      return decisions.map((decision) =>
        decision.kind === "refused"
          ? decision.results
          : decision.events.map((one) => (one.kind === "new" ? resultOf(one) : one)),
      );
    } catch (error) {
      if (tries >= MAX_TRIES || !isTaken(error)) throw error;
    }
  }
}
