import { createBatch } from "../batch.ts";
import { dedupeNumber } from "../core/dedupe-key.ts";
import {
  type AcceptResult,
  type BatchResult,
  type InboxLimits,
  InboxUnavailable,
  type IncomingEvent,
} from "../inbox.ts";
import { ask, type InboxClient } from "./redis-client.ts";
import { destinationList, type InboxKeys } from "./redis-scripts.ts";

export interface AcceptingOptions {
  readonly client: InboxClient;
  readonly keys: (source: string) => InboxKeys;
  readonly limits: Required<InboxLimits>;
  /** How many replicas must have an event. */
  readonly replicas: number;
  readonly timeoutMs: number;
}

/** The way into the inbox. */
export interface Accepting {
  accept(event: IncomingEvent): Promise<AcceptResult>;
  acceptBatch(events: readonly IncomingEvent[]): Promise<BatchResult>;
}

/** Events of one source that a script takes at once. */
const maxTogether = 128;

/** One script call takes what arrived for a source in one turn of the event loop. */
export function createAccepting(options: AcceptingOptions): Accepting {
  const batches = new Map<string, (event: IncomingEvent) => Promise<AcceptResult>>();
  const batchOf = (source: string) => {
    const known = batches.get(source);
    if (known !== undefined) return known;
    // Each source by itself: in a cluster the node of another one may be away.
    const flush = (events: readonly IncomingEvent[]) => run(options, "hooksAccept", { source, events });
    const batch = createBatch(flush, maxTogether);
    batches.set(source, batch);
    return batch;
  };
  return {
    accept: (event) => batchOf(event.source)(event),
    acceptBatch: async (events) => {
      const [first] = events;
      if (first === undefined) return [];
      const results = await run(options, "hooksAcceptBatch", { source: first.source, events });
      // Without `full` the two others are left, which `includes` does not tell the compiler.
      return results.includes("full") ? "full" : (results as BatchResult);
    },
  };
}

interface Arrived {
  readonly source: string;
  readonly events: readonly IncomingEvent[];
}

async function run(
  { client, keys, limits, replicas, timeoutMs }: AcceptingOptions,
  command: "hooksAccept" | "hooksAcceptBatch",
  { source, events }: Arrived,
): Promise<readonly AcceptResult[]> {
  const { entries, seen } = keys(source);
  const { dedupeMs, highWaterMark } = limits;
  const names: string[] = [entries];
  const args: (string | number | Buffer)[] = [highWaterMark, replicas];
  for (const event of events) {
    const { eventId, eventType = "", headers, receivedAtMs, body, destinations = [], subject = "" } = event;
    const { bucket, member } = dedupeNumber(eventId);
    const period = Math.floor(receivedAtMs / dedupeMs);
    names.push(seen(period, bucket), seen(period - 1, bucket), seen(period + 1, bucket));
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const forgetAtMs = (period + 2) * dedupeMs;
    args.push(forgetAtMs, member, eventId, eventType, JSON.stringify(headers), receivedAtMs, bytes);
    args.push(destinationList(destinations), subject);
  }
  const replies = client[command](names.length, ...names, ...args);
  if (replicas === 0) return toResults(await ask(replies));
  // Sent on the same connection right behind the script, so it covers its writes. Redis looks at the clock ten times a
  // second: half of the time leaves it room to answer.
  const reached = client.wait(replicas, Math.ceil(timeoutMs / 2));
  const [results, count] = await ask(Promise.all([replies, reached]));
  if (count < replicas) {
    const message = `${count} of ${replicas} replicas have the event`;
    throw new InboxUnavailable(message, { code: "durability_unavailable" });
  }
  return toResults(results);
}

function toResults(replies: readonly number[]): AcceptResult[] {
  return replies.map((reply) => {
    const result = acceptResults[reply];
    if (result === undefined) throw new InboxUnavailable("Redis gave an unknown answer");
    return result;
  });
}

/** What the numbers of the accept scripts mean. */
const acceptResults: readonly AcceptResult[] = ["duplicate", "accepted", "full"];
