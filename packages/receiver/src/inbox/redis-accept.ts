import { dedupeNumber } from "../core/dedupe-key.ts";
import {
  type AcceptResult,
  type BatchResult,
  type InboxLimits,
  InboxUnavailable,
  type IncomingEvent,
} from "../inbox.ts";
import { packTexts } from "./pack-texts.ts";
import { ask, type InboxClient, type Scripts } from "./redis-client.ts";
import { sendReplicated } from "./redis-replicated.ts";
import { toMeta } from "./redis-rows.ts";
import { destinationList, type InboxKeys } from "./redis-scripts.ts";
import { createTurns } from "./turns.ts";

export interface AcceptingOptions {
  readonly client: InboxClient;
  readonly keys: (source: string) => InboxKeys;
  readonly limits: Required<InboxLimits>;
  /** How many replicas must have an event. */
  readonly replicas: number;
  readonly timeoutMs: number;
  /** Something new of a source is there. */
  readonly onAccepted: (source: string) => void;
}

/** The way into the inbox. */
export interface Accepting {
  accept(event: IncomingEvent): Promise<AcceptResult>;
  acceptBatch(events: readonly IncomingEvent[]): Promise<BatchResult>;
}

/** Events that a script takes at once, where they need not go together. */
const maxTogether = 128;

/** How much longer than one answer of Redis may take an event may, that has to wait for its turn. */
const patience = 1.5;

/** Events of one source that go together, and who waits for them. */
interface Job {
  readonly events: readonly IncomingEvent[];
  readonly command: "hooksAccept" | "hooksAcceptBatch";
  /** By `performance.now()`. */
  readonly sinceMs: number;
  resolve(results: readonly AcceptResult[]): void;
  reject(error: unknown): void;
}

/** One script call takes what arrived for a source in one turn of the event loop. */
export function createAccepting(options: AcceptingOptions): Accepting {
  const { client, replicas } = options;
  // `WAIT` holds up its connection. What is sent behind one would wait for it in vain while a replica is away.
  const turn = { oneAtATime: replicas > 0 };
  const turns = new Map<string, (job: Job) => void>();
  const turnsOf = (source: string) => {
    // In a cluster each source by itself: the node of another one may be away.
    const name = client.isCluster ? source : "";
    const known = turns.get(name) ?? createTurns((jobs) => run(options, jobs), turn);
    turns.set(name, known);
    return known;
  };
  return {
    accept: (event) =>
      new Promise((settle, reject) => {
        // A script gives one result for each event.
        const resolve = ([result]: readonly AcceptResult[]) => settle(result as AcceptResult);
        const sinceMs = performance.now();
        turnsOf(event.source)({ command: "hooksAccept", events: [event], sinceMs, resolve, reject });
      }),
    acceptBatch: async (events) => {
      const [first] = events;
      if (first === undefined) return [];
      const results = await new Promise<readonly AcceptResult[]>((resolve, reject) => {
        const sinceMs = performance.now();
        turnsOf(first.source)({ command: "hooksAcceptBatch", events, sinceMs, resolve, reject });
      });
      // Without `full` the two others are left, which `includes` does not tell the compiler.
      return results.includes("full") ? "full" : (results as BatchResult);
    },
  };
}

async function run(options: AcceptingOptions, jobs: readonly Job[]): Promise<void> {
  const calls = toCalls(options, jobs);
  const replies = send({ ...options, timeoutMs: timeLeftMs(options, jobs) }, calls);
  await Promise.all(
    calls.map(async (call, index) => {
      try {
        const reply = (await replies[index]) ?? [];
        if (reply.includes(acceptedReply)) options.onAccepted(call.source);
        let at = 0;
        for (const { events, resolve } of call.jobs) {
          // Of a batch that was refused there is one result for all.
          resolve(toResults(reply.slice(at, at + events.length)));
          at += events.length;
        }
      } catch (error) {
        for (const { reject } of call.jobs) reject(error);
      }
    }),
  );
}

/** While Redis hangs, what waited for its turn must not wait for as long again. */
function timeLeftMs({ timeoutMs, replicas }: AcceptingOptions, [oldest]: readonly Job[]): number {
  if (replicas === 0 || oldest === undefined) return timeoutMs;
  const waitedMs = performance.now() - oldest.sinceMs;
  return Math.min(timeoutMs, Math.max(timeoutMs / 5, patience * timeoutMs - waitedMs));
}

interface Call {
  readonly jobs: readonly Job[];
  readonly source: string;
  readonly command: Job["command"];
  readonly args: Parameters<Scripts["hooksAccept"]>;
}

function toCalls(options: AcceptingOptions, jobs: readonly Job[]): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Job[]>();
  const add = (together: readonly Job[]) => {
    const [first] = together;
    const events = together.flatMap((job) => job.events);
    const [{ source } = { source: "" }] = events;
    if (first)
      calls.push({ jobs: together, source, command: first.command, args: toArguments(options, events) });
  };
  for (const job of jobs) {
    const source = job.events[0]?.source ?? "";
    if (job.command === "hooksAcceptBatch") {
      add([job]);
      continue;
    }
    const together = open.get(source) ?? [];
    together.push(job);
    open.set(source, together);
    if (together.length < maxTogether) continue;
    add(together);
    open.delete(source);
  }
  for (const together of open.values()) add(together);
  return calls;
}

function send(options: AcceptingOptions, calls: readonly Call[]): readonly Promise<readonly number[]>[] {
  const { client, replicas, timeoutMs } = options;
  if (replicas === 0)
    return calls.map(({ command, args }) => ask(client[command](...args), { client, timeoutMs }));
  const sent = sendReplicated({ client, replicas, timeoutMs }, calls);
  return calls.map(async (_, index) => (await sent)[index] ?? []);
}

function toArguments(
  { keys, limits, replicas }: AcceptingOptions,
  events: readonly IncomingEvent[],
): Call["args"] {
  const { source = "", highWaterMark = limits.highWaterMark } = events[0] ?? {};
  const { entries, seen, index, indexedAs } = keys(source);
  const { dedupeMs } = limits;
  const names: string[] = [entries];
  const parts: (string | Uint8Array)[] = [];
  for (const event of events) {
    const { eventId, receivedAtMs, body, destinations = [], subject = "" } = event;
    const { bucket, member } = dedupeNumber(eventId);
    const period = Math.floor(receivedAtMs / dedupeMs);
    names.push(seen(period, bucket), seen(period - 1, bucket), seen(period + 1, bucket));
    const forgetAtMs = (period + 2) * dedupeMs;
    parts.push(String(forgetAtMs), member, toMeta(event), body, destinationList(destinations), subject);
  }
  names.push(...index);
  return [names.length, ...names, highWaterMark, replicas, indexedAs, packTexts(parts)];
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
const acceptedReply = acceptResults.indexOf("accepted");
