import { expect } from "vitest";
import type { Sender } from "../sender.ts";
import { startOwnTime } from "./own-time.ts";

/** Several who publish one after another, whatever they are answered, until `stop`. */
export interface Publishers {
  readonly acknowledged: ReadonlySet<string>;
  /** How often the store was away. */
  refused(): number;
  /** The longest time that one waited for an answer, in milliseconds in which this process ran. */
  longestMs(): number;
  stop(): Promise<void>;
}

export function startPublishers(sender: Sender, prefix: string, count = 8): Publishers {
  const acknowledged = new Set<string>();
  const end = new AbortController();
  let refused = 0;
  let longestMs = 0;
  const time = startOwnTime();
  const publish = async (publisher: number) => {
    for (let number = 0; !end.signal.aborted; number += 1) {
      const id = `evt_${prefix}_${publisher}_${number}`;
      const startedMs = time.now();
      await sender.publish({ type: "invoice.paid", id, data: { object: { id } } }).then(
        () => acknowledged.add(id),
        (error: { code?: string }) => {
          expect(error.code).toBe("storage_unavailable");
          refused += 1;
        },
      );
      longestMs = Math.max(longestMs, time.now() - startedMs);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const all = Promise.all(Array.from({ length: count }, (_, publisher) => publish(publisher)));
  return {
    acknowledged,
    refused: () => refused,
    longestMs: () => longestMs,
    async stop() {
      end.abort();
      await all;
      time.stop();
    },
  };
}
