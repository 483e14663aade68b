import { SenderError } from "./errors.ts";
import type { EventInput } from "./publish.ts";
import { StoreUnavailableError, type RefusedSubmission, type Store, type Submitted } from "./store.ts";
import type { Chore } from "./worker/chores.ts";

export interface SubmissionsOptions {
  readonly store: Pick<Store, "listSubmitted" | "endSubmitted">;
  /** In their order, each for itself. */
  readonly publishEach: (events: readonly EventInput[]) => Promise<readonly PromiseSettledResult<unknown>[]>;
  readonly now: () => number;
}

/** As many as share a commit well. */
const BATCH = 100;

/**
 * Publishes what other programs wrote into the store's `outbox` table: validated and rendered like all else. What is refused
 * stays there with the reason and holds up nothing. A row has the id of its event, so one that is read twice, after a
 * crash, is published once.
 */
export function createSubmissionsChore({ store, publishEach, now }: SubmissionsOptions): Chore {
  return async () => {
    const rows = await store.listSubmitted(BATCH);
    if (rows.length === 0) return false;
    const refused: RefusedSubmission[] = [];
    const events = rows.flatMap((row) => {
      try {
        return [{ number: row.number, input: inputOf(row) }];
      } catch (error) {
        refused.push({ number: row.number, ...refusalOf(error) });
        return [];
      }
    });
    const outcomes = await publishEach(events.map(({ input }) => input));
    const published: number[] = [];
    let unavailable: StoreUnavailableError | undefined;
    for (const [index, { number }] of events.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status !== "rejected") published.push(number);
      else if (outcome.reason instanceof StoreUnavailableError) unavailable = outcome.reason;
      else refused.push({ number, ...refusalOf(outcome.reason) });
    }
    await store.endSubmitted({ published, refused, nowMs: now() });
    if (unavailable !== undefined) throw unavailable;
    return rows.length === BATCH;
  };
}

function inputOf({ event, type, data, timestamp, ...optional }: Submitted): EventInput {
  const { subject, subscriber, version, source } = optional;
  return {
    id: event,
    type,
    data: parse(data),
    timestamp,
    ...(subject === undefined ? {} : { subject }),
    ...(subscriber === undefined ? {} : { subscriber }),
    ...(version === undefined ? {} : { version }),
    ...(source === undefined ? {} : { source }),
  };
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new SenderError("validation_failed", "Expected JSON in the column data", {
      cause,
      issues: [{ pointer: "/data", code: "invalid_json", message: "Expected JSON" }],
    });
  }
}

/** One line for each fault, as whoever wrote the row would be told by the API. */
function refusalOf(error: unknown): Omit<RefusedSubmission, "number"> {
  if (!(error instanceof SenderError)) return { code: "not_publishable", message: String(error) };
  // What a contract says of a fault begins with its pointer.
  const faults = error.issues.map(({ pointer, message }) =>
    message.startsWith(`${pointer}: `) ? message : `${pointer}: ${message}`,
  );
  return { code: error.code, message: [error.message, ...faults].join("\n") };
}
