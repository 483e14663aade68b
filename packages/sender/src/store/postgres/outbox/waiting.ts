import { StoreUnavailableError, type PublishResult } from "../../../store.ts";
import type { Database, Statement } from "../database.ts";
import { texts } from "../parameters.ts";
import { isLockTimeout } from "../unavailable.ts";
import type { Call } from "./decide.ts";

/*
 * A transaction of an application may hold a subject for long: whoever else publishes of it waits for its end. Calls share
 * transactions, so one of them would have all others wait with it, whatever these are about. So those that are shared wait for
 * nobody for long; calls that somebody holds up are left out, and wait together apart.
 */

export type Answer = readonly PublishResult[];

/** What came of a call that was tried with others. */
export type Outcome =
  | { readonly kind: "answered"; readonly answer: Answer }
  /** Nothing was kept: it has to wait for somebody. */
  | { readonly kind: "held" }
  | { readonly kind: "failed"; readonly error: unknown };

export interface PublishFreeOptions {
  readonly query: Database["query"];
  /** In one transaction, all or nothing, that waits for nobody for long. */
  readonly publish: (calls: readonly Call[]) => Promise<readonly Answer[]>;
}

/** Publishes those of the calls that nobody holds up. Rejects where nothing was kept. */
export async function publishFree(
  calls: readonly Call[],
  { query, publish }: PublishFreeOptions,
): Promise<readonly Outcome[]> {
  try {
    return answered(await publish(calls));
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
  }
  const held = await heldSubjects(query, calls);
  const isHeld = (call: Call) => subjectsOf(call).some((subject) => held.has(subject));
  const free = calls.filter((call) => !isHeld(call));
  const outcomes = new Map<Call, Outcome>();
  const settle = async (some: readonly Call[]): Promise<void> => {
    for (const [index, outcome] of (await tryAll(some, publish)).entries()) {
      const call = some[index];
      if (call !== undefined) outcomes.set(call, outcome);
    }
  };
  // Nobody knows yet whom they wait for, if not for a subject that is there.
  if (free.length === calls.length) await settleHalves(calls, settle);
  else await settle(free);
  return calls.map((call) => outcomes.get(call) ?? { kind: "held" });
}

/** Tries once more, in ever smaller groups where somebody holds one of them up. */
async function tryAll(
  calls: readonly Call[],
  publish: PublishFreeOptions["publish"],
): Promise<readonly Outcome[]> {
  if (calls.length === 0) return [];
  try {
    return answered(await publish(calls));
  } catch (error) {
    const isForAll = error instanceof StoreUnavailableError && !isLockTimeout(error);
    if (calls.length === 1 || isForAll) {
      const outcome: Outcome = isLockTimeout(error) ? { kind: "held" } : { kind: "failed", error };
      return calls.map(() => outcome);
    }
    const outcomes: Outcome[] = [];
    await settleHalves(calls, async (some) => void outcomes.push(...(await tryAll(some, publish))));
    return outcomes;
  }
}

async function settleHalves(
  calls: readonly Call[],
  settle: (some: readonly Call[]) => Promise<void>,
): Promise<void> {
  // One alone has been tried.
  if (calls.length < 2) return;
  const half = Math.ceil(calls.length / 2);
  await settle(calls.slice(0, half));
  await settle(calls.slice(half));
}

function answered(answers: readonly Answer[]): readonly Outcome[] {
  return answers.map((answer) => ({ kind: "answered", answer }));
}

/** Of those that have been published before; what is new in another's transaction is not to be seen. $1 sources, $2 subjects */
const HELD: Statement = {
  name: "held_subjects",
  text: `
    WITH asked AS MATERIALIZED (
      SELECT source, subject FROM unnest($1::text[], $2::text[]) AS asked (source, subject)
    ), free AS MATERIALIZED (
      SELECT sequences.source, sequences.subject FROM asked JOIN hooks.sequences USING (source, subject)
      FOR UPDATE OF sequences SKIP LOCKED
    )
    SELECT source, subject FROM asked JOIN hooks.sequences USING (source, subject)
    EXCEPT SELECT source, subject FROM free`,
};

async function heldSubjects(query: Database["query"], calls: readonly Call[]): Promise<ReadonlySet<string>> {
  const asked = [...new Set(calls.flatMap(subjectsOf))].map((name) => JSON.parse(name) as [string, string]);
  if (asked.length === 0) return new Set();
  const rows = await query(HELD, [
    texts(asked.map(([source]) => source)),
    texts(asked.map(([, subject]) => subject)),
  ]);
  return new Set(rows.map((row) => nameOf(String(row["source"]), String(row["subject"]))));
}

function subjectsOf({ events }: Call): readonly string[] {
  return events.flatMap(({ source, subject }) => (subject === undefined ? [] : [nameOf(source, subject)]));
}

function nameOf(source: string, subject: string): string {
  return JSON.stringify([source, subject]);
}

export interface WaitingOptions {
  /** Together with others, as long as nobody holds it up. */
  readonly hasty: (call: Call) => Promise<Outcome>;
  /** Waits as long as it takes, or until it is refused. */
  readonly patient: (call: Call) => Promise<Answer>;
}

/** Publishes a call with others or, while somebody holds up another of its subjects, ids or keys, apart from them. */
export function createWaiting({ hasty, patient }: WaitingOptions): (call: Call) => Promise<Answer> {
  /** How many calls wait for each. */
  const waitedFor = new Map<string, number>();
  const count = (name: string, by: number): void => {
    const left = (waitedFor.get(name) ?? 0) + by;
    if (left === 0) waitedFor.delete(name);
    else waitedFor.set(name, left);
  };
  const wait = async (call: Call): Promise<Answer> => {
    const names = namesOf(call);
    for (const name of names) count(name, 1);
    try {
      return await patient(call);
    } finally {
      for (const name of names) count(name, -1);
    }
  };
  return async (call) => {
    if (waitedFor.size > 0 && namesOf(call).some((name) => waitedFor.has(name))) return wait(call);
    const outcome = await hasty(call);
    if (outcome.kind === "answered") return outcome.answer;
    if (outcome.kind === "failed") throw outcome.error;
    return wait(call);
  };
}

/** What others may hold of a call, by names that do not meet. */
function namesOf(call: Call): readonly string[] {
  const ids = call.events.flatMap(({ id, isFresh }) => (isFresh === true ? [] : [JSON.stringify({ id })]));
  const keys = call.events.flatMap(({ idempotency }) =>
    idempotency === undefined ? [] : [JSON.stringify({ key: idempotency.key })],
  );
  return [...subjectsOf(call), ...ids, ...keys];
}
