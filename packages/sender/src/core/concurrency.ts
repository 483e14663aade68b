/** The most attempts that one endpoint may have in flight at once. */
export const MAX_CONCURRENCY = 10;

/**
 * How many an endpoint may have in flight after one more attempt: half on failure, one more on success, between 1 and
 * `MAX_CONCURRENCY`. Endpoints that hang then hold few of a worker's places, and one that recovers is soon at full speed.
 */
export function adjustConcurrency(current: number, succeeded: boolean): number {
  return succeeded ? Math.min(MAX_CONCURRENCY, current + 1) : Math.max(1, Math.floor(current / 2));
}
