import { lookup, type LookupAddress } from "node:dns";
import { EgressError } from "./egress-error.ts";

/** Asks the operating system: hosts file, search domains, and whatever else it is configured for. */
export type SystemLookup = (hostname: string, timeoutMs: number) => Promise<readonly LookupAddress[]>;

/** Each keeps one of the process's four threads (which files and cryptography need too) until the system answers. */
const MAX_CONCURRENT = 2;

/** The system's lookup with a deadline, of which few run at a time. */
export function createSystemLookup(): SystemLookup {
  const waiting = new Set<() => void>();
  let running = 0;

  const startNext = () => {
    const [start] = waiting;
    if (start === undefined || running >= MAX_CONCURRENT) return;
    waiting.delete(start);
    running += 1;
    start();
  };

  return (hostname, timeoutMs) =>
    new Promise((resolve, reject) => {
      const start = () =>
        lookup(hostname, { all: true }, (error, addresses) => {
          running -= 1;
          startNext();
          clearTimeout(deadline);
          if (error === null) return resolve(addresses);
          return reject(new EgressError("dns_error", "The name could not be resolved", { cause: error }));
        });
      const deadline = setTimeout(() => {
        waiting.delete(start);
        reject(new EgressError("dns_error", "The name was not resolved in time"));
      }, timeoutMs);
      waiting.add(start);
      startNext();
    });
}
