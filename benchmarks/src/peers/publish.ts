import { createDrain } from "../drain.ts";
import type { Peer } from "./run-peer.ts";

/** What every contender of the bench `publish` is told. */
export interface PublishSettings {
  /** Events of one call. */
  readonly batch: number;
}

/** What it is asked: to publish for so long, with so many calls under way. */
export interface PublishQuestion {
  readonly ms: number;
  readonly publishers: number;
}

/** A contender that keeps events, a batch a call; `keep` gets the number of the first. */
export function publishPeer({ batch }: PublishSettings, keep: (first: number) => Promise<void>): Peer {
  let next = 0;
  let left = 0;
  let publishers = 1;
  const run = async () => {
    while (left > 0) {
      left -= batch;
      next += batch;
      await keep(next);
    }
  };
  const drain = createDrain(
    {
      prepare: async (count) => {
        left = count;
      },
      drain: async () => {
        await Promise.all(Array.from({ length: publishers }, run));
      },
    },
    { step: batch, first: 20 * batch },
  );
  return {
    answer: (question) => {
      // The bench and its peers are built together.
      const asked = question as PublishQuestion;
      publishers = asked.publishers;
      return drain(asked.ms);
    },
  };
}
