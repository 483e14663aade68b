import { Agent } from "undici";
import { createDrain, type Backlog } from "../drain.ts";
import type { Peer } from "./run-peer.ts";

/** What every contender of the bench `delivery` is told. */
export interface DeliverySettings {
  /** One for each endpoint. */
  readonly urls: readonly string[];
  readonly secret: string;
  /** Of the event's envelope. */
  readonly bytes: number;
  /** Requests in flight, over all endpoints. */
  readonly concurrency: number;
}

/** A contender that is asked to drain a backlog for so many milliseconds, a multiple of all endpoints at a time. */
export function deliveryPeer(backlog: Backlog, { urls }: DeliverySettings): Peer {
  const drain = createDrain(backlog, { step: urls.length, first: 40 * urls.length, warmUpMs: 5_000 });
  return { answer: (ms) => drain(Number(ms)) };
}

/** Sockets outlive the turns of the other contenders, so that opening them is not measured. */
export const keepAliveMs = 120_000;

/** As many sockets to an origin as our own sender has. */
export function createAgent(): Agent {
  return new Agent({ connections: 100, keepAliveTimeout: keepAliveMs });
}

/** Counts what is done and tells when all of it is. */
export interface Countdown {
  /** Resolves after so many `done`; rejects with the first failure. */
  from(count: number): Promise<void>;
  done(count?: number): void;
  left(): number;
  failed(error: unknown): void;
}

export function createCountdown(): Countdown {
  let left = 0;
  let end: { resolve(): void; reject(error: unknown): void } | undefined;
  return {
    from: (count) => {
      left = count;
      return new Promise((resolve, reject) => {
        end = { resolve, reject };
      });
    },
    done: (count = 1) => {
      left -= count;
      if (left === 0 && count > 0) end?.resolve();
    },
    left: () => left,
    failed: (error) => end?.reject(error),
  };
}
