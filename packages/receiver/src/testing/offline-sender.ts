import { setTimeout as wait } from "node:timers/promises";
import { signedRequest, type SignedRequestOptions, type TestEvent } from "./signed-request.ts";

export interface OfflineSenderOptions extends Omit<SignedRequestOptions, "id" | "type" | "timestamp"> {
  /** A fetch handler, or `fetch` itself with the `url` of a server. */
  readonly handle: (request: Request) => Promise<Response>;
}

/** How badly a network behaves; the same seed behaves alike. */
export interface SendOptions {
  /** How often each event is sent although it was acknowledged, some of them at once. Default 2: once more than need be. */
  readonly copies?: number;
  /** Of ten acknowledgements so many are lost, and their events sent again. Default 2. */
  readonly lostOfTen?: number;
  /** Whether events may come in another order. Default true. */
  readonly shuffle?: boolean;
  /** Requests at once. Default 4. */
  readonly concurrency?: number;
  /** Of an event, before it is given up. Default 10. */
  readonly maxAttempts?: number;
  /** Before an event is sent again that was not acknowledged. Default 10 ms: no test waits as long as a provider. */
  readonly retryMs?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** What became of one event. */
export interface OfflineDelivery {
  readonly event: TestEvent;
  /** `refused`: with `webhook-retry: no`; `gone`: with 410; `dead`: no attempt was acknowledged. */
  readonly outcome: "delivered" | "refused" | "gone" | "dead";
  /** What each attempt was answered, in order. */
  readonly statuses: readonly number[];
}

/** Sends events as a provider does, to find out whether a receiver's handlers bear it. */
export interface OfflineSender {
  /** Sends events until each is delivered or given up, and all copies are sent; gives them in the order of `events`. */
  send(events: readonly TestEvent[], options?: SendOptions): Promise<readonly OfflineDelivery[]>;
}

/**
 * A sender that needs no network: it signs events, sends them to a mounted handler, again when they are not acknowledged,
 * and also when they are: with duplicates at once, lost acknowledgements and in another order, as networks and providers
 * do it. What a handler does must come to the same in the end.
 */
export function createOfflineSender(options: OfflineSenderOptions): OfflineSender {
  return {
    send: async (events, sendOptions = {}) => {
      const { copies = 2, shuffle = true, concurrency = 4, seed = 1 } = sendOptions;
      const random = createRandom(seed);
      const lines = events.map((event): Line => {
        return { event, id: idOf(event), outcome: "dead", statuses: [] };
      });
      const queue = lines.flatMap((line) => Array.from({ length: Math.max(1, copies) }, () => line));
      if (shuffle) shuffleInPlace(queue, random);
      const senders = Array.from({ length: Math.max(1, concurrency) }, async () => {
        for (let line = queue.shift(); line !== undefined; line = queue.shift())
          await sendUntilAcknowledged(line, { ...options, ...sendOptions, random });
      });
      await Promise.all(senders);
      return lines.map(({ event, outcome, statuses }) => ({ event, outcome, statuses }));
    },
  };
}

interface Line {
  readonly event: TestEvent;
  /** The same on every attempt. */
  readonly id: string;
  outcome: OfflineDelivery["outcome"];
  readonly statuses: number[];
}

interface Sending extends OfflineSenderOptions, SendOptions {
  readonly random: () => number;
}

async function sendUntilAcknowledged(line: Line, sending: Sending): Promise<void> {
  const { handle, random, maxAttempts = 10, lostOfTen = 2, retryMs = 10 } = sending;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const response = await handle(signedRequest(line.event, { ...sending, id: line.id }));
    await response.arrayBuffer();
    line.statuses.push(response.status);
    const outcome = outcomeOf(response);
    if (outcome !== undefined && line.outcome !== "delivered") line.outcome = outcome;
    const isLost = outcome === "delivered" && random() * 10 < lostOfTen && attempt < maxAttempts;
    if (outcome !== undefined && !isLost) return;
    await wait(retryMs);
  }
}

/** `undefined`: it is to be sent again. */
function outcomeOf({ ok, status, headers }: Response): OfflineDelivery["outcome"] | undefined {
  if (ok) return "delivered";
  if (status === 410) return "gone";
  return headers.get("webhook-retry") === "no" ? "refused" : undefined;
}

function idOf(event: TestEvent): string {
  const isNamed =
    typeof event === "object" && !(event instanceof Uint8Array) && typeof event["id"] === "string";
  return isNamed ? String(event["id"]) : `test_${crypto.randomUUID()}`;
}

/** A linear congruential generator: good enough to shuffle, and the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffleInPlace(items: Line[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [one, two] = [items[last], items[other]];
    if (one !== undefined && two !== undefined) [items[last], items[other]] = [two, one];
  }
}
