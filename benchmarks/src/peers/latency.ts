import { setTimeout as wait } from "node:timers/promises";
import type { Peer } from "./run-peer.ts";

/** What every contender of the benches `latency` and `isolation` is told. */
export interface LatencySettings {
  /** One for each endpoint. */
  readonly urls: readonly string[];
  readonly secret: string;
}

export type LatencyQuestion =
  /** How many events a second are published and delivered, as fast as it goes? */
  | { readonly kind: "capacity"; readonly ms: number }
  /** Publish at this rate. Answers with `Published` when all that can arrive has. */
  | { readonly kind: "paced"; readonly ms: number; readonly perSecond: number };

/** Of one event: its number, when publishing was called, and when it had answered. */
export type Published = readonly [number: number, calledMs: number, keptMs: number];

/** Milliseconds on a clock that all processes of the machine share. */
export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export interface LatencyContender {
  /** Publishes the event of this number, for the endpoint of this index. */
  publish(number: number, endpoint: number): Promise<void>;
  /** Resolves when all that was published for the first `answering` endpoints has been delivered. */
  delivered(): Promise<void>;
  readonly endpoints: number;
}

/** Publishers at once, while the capacity is measured. */
const PUBLISHERS = 64;

export function latencyPeer({ publish, delivered, endpoints }: LatencyContender): Peer {
  let next = 0;
  const one = async (): Promise<Published> => {
    const number = next++;
    const calledMs = sharedNowMs();
    await publish(number, number % endpoints);
    return [number, calledMs, sharedNowMs()];
  };
  const capacity = async (ms: number): Promise<number> => {
    const startedAt = performance.now();
    const first = next;
    const run = async () => {
      while (performance.now() - startedAt < ms) await one();
    };
    await Promise.all(Array.from({ length: PUBLISHERS }, run));
    await delivered();
    return ((next - first) / (performance.now() - startedAt)) * 1_000;
  };
  const paced = async (ms: number, perSecond: number): Promise<readonly Published[]> => {
    const startedAt = performance.now();
    const all: Promise<Published>[] = [];
    const total = Math.round((ms * perSecond) / 1_000);
    while (all.length < total) {
      const due = Math.min(total, ((performance.now() - startedAt) * perSecond) / 1_000);
      while (all.length < due) all.push(one());
      await wait(1);
    }
    const published = await Promise.all(all);
    await delivered();
    return published;
  };
  return {
    answer: (asked) => {
      // The bench and its peers are built together.
      const question = asked as LatencyQuestion;
      return question.kind === "capacity" ? capacity(question.ms) : paced(question.ms, question.perSecond);
    },
  };
}
