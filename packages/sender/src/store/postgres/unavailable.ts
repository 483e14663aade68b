import { StoreUnavailableError } from "../../store.ts";

/** Classes of errors that are a fault of ours, not of the server's state: wrong data, broken constraints, wrong SQL. */
const OUR_FAULTS = new Set(["22", "23", "42"]);
const INSUFFICIENT_PRIVILEGE = "42501";

/** Deadlock and serialization failure: nothing was written, and trying again is the cure. */
const TRANSIENT = new Set(["40001", "40P01"]);

const UNIQUE_VIOLATION = "23505";
const LOCK_NOT_AVAILABLE = "55P03";

/** What `refuse_audience` raises. */
const AUDIENCE_CHANGED = "HK002";

/** What the driver rejects with, as the port's error where the server cannot do its work now. */
export function asUnavailable(error: unknown): unknown {
  const code = sqlStateOf(error);
  if (error instanceof StoreUnavailableError || !(error instanceof Error)) return error;
  const isOurs = code !== undefined && code !== INSUFFICIENT_PRIVILEGE && OUR_FAULTS.has(code.slice(0, 2));
  return isOurs ? error : new StoreUnavailableError(`PostgreSQL: ${error.message}`, { cause: error });
}

export function isTransient(error: unknown): boolean {
  return TRANSIENT.has(sqlStateOf(error) ?? "");
}

/** Whether it waited for another transaction, for longer than it was to. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === LOCK_NOT_AVAILABLE;
}

/** Whether another transaction has written a row of the same key. */
export function isTaken(error: unknown): boolean {
  return sqlStateOf(error) === UNIQUE_VIOLATION;
}

/** Whether what was remembered of subscriptions is not so any more. */
export function isAudienceChanged(error: unknown): boolean {
  return sqlStateOf(error) === AUDIENCE_CHANGED;
}

/** The SQLSTATE of what a server answered, also behind the port's error or that of a query builder. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : sqlStateOf(error.cause);
}
