/** A delivery and its attempts, as the sender's API shows them. */
export interface RecordedDelivery {
  readonly id: string;
  readonly event: string;
  readonly endpoint: string;
  readonly state: string;
  readonly attemptCount: number;
  readonly attempts: readonly { readonly number: number; readonly outcome: string }[];
}

/**
 * What is wrong with the record of a delivery that was made `requests` times while its sender was killed: attempts that
 * were not recorded, numbers with a gap, an end that is none. Empty when nothing is.
 */
export function faultsOfAttempts(delivery: RecordedDelivery, requests: number): readonly string[] {
  const { id, state, attemptCount, attempts } = delivery;
  const outcomes = attempts.map(({ outcome }) => outcome);
  const faults = [
    ...(state === "delivered" ? [] : [`is ${state}`]),
    ...(attempts.length === attemptCount ? [] : [`counts ${attemptCount} of ${attempts.length} attempts`]),
    ...(attempts.every(({ number }, index) => number === index + 1) ? [] : ["has a gap in its attempts"]),
    ...(requests <= attempts.length ? [] : [`was sent ${requests} times in ${attempts.length} attempts`]),
    ...(outcomes.at(-1) === "delivered" ? [] : [`ended with ${outcomes.at(-1)}`]),
    ...outcomes.slice(0, -1).flatMap((outcome) => (outcome === "interrupted" ? [] : [`had ${outcome}`])),
  ];
  return faults.map((fault) => `${id} ${fault}`);
}
