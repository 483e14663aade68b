import { quantile } from "./measure.ts";
import type { PeerProcess } from "./peer-process.ts";
import type { LatencyQuestion, Published } from "./peers/latency.ts";
import type { Received } from "./peers/latency-sink.ts";

/** What a run at a given rate came to, in milliseconds from the call of `publish` to the request's arrival. */
export interface PacedRun {
  readonly p50: number;
  readonly p99: number;
  /** From the answer of `publish`, which comes after the commit; below 0 where the request was quicker than the answer. */
  readonly p50FromCommit: number;
}

export interface PacedOptions {
  readonly sink: PeerProcess;
  readonly ms: number;
  readonly perSecond: number;
  /** Of so many endpoints the first `answering` answer; what goes to the others does not count. */
  readonly endpoints: number;
  readonly answering: number;
}

/** How many events a second a peer publishes and delivers. */
export async function capacityOf(peer: PeerProcess, ms: number): Promise<number> {
  return Number(await peer.ask({ kind: "capacity", ms } satisfies LatencyQuestion));
}

/** Has a peer publish at a rate and joins what it says with what the sink has seen. */
export async function runPaced(peer: PeerProcess, options: PacedOptions): Promise<PacedRun> {
  const { sink, ms, perSecond, endpoints, answering } = options;
  await sink.ask({});
  // The answers are those of `latencyPeer` and of the sink.
  const published = (await peer.ask({
    kind: "paced",
    ms,
    perSecond,
  } satisfies LatencyQuestion)) as readonly Published[];
  const received = new Map((await sink.ask({})) as readonly Received[]);
  const counted = published.filter(([number]) => number % endpoints < answering);
  const ways = counted.map(([number, calledMs, keptMs]) => {
    const receivedMs = received.get(number);
    if (receivedMs === undefined) throw new Error(`Event ${number} has not come`);
    return { fromCall: receivedMs - calledMs, fromCommit: receivedMs - keptMs };
  });
  const fromCall = ways.map((way) => way.fromCall);
  return {
    p50: quantile(fromCall, 0.5),
    p99: quantile(fromCall, 0.99),
    p50FromCommit: quantile(
      ways.map((way) => way.fromCommit),
      0.5,
    ),
  };
}

/**
 * Several figures of the same runs: the first that is measured makes the runs, the others look at them again in the same
 * order.
 */
export function createRuns<Run>(run: (ms: number) => Promise<Run>) {
  const runs: Run[] = [];
  return {
    first: (figure: (run: Run) => number) => async (ms: number) => {
      const made = await run(ms);
      runs.push(made);
      return figure(made);
    },
    again: (figure: (run: Run) => number) => {
      let index = 0;
      return () => {
        const made = runs[index++];
        if (made === undefined) throw new Error("Nothing was measured before");
        return figure(made);
      };
    },
  };
}
