import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** One request as its receiver saw it. */
export interface Seen {
  /** The `user-agent`: which worker sent it. */
  readonly worker: string;
  /** The path: which endpoint it came to. */
  readonly endpoint: string;
  readonly event: string;
  readonly subject: string | undefined;
  readonly sequence: number | undefined;
  /** By the sender's clock, in seconds. */
  readonly sentAt: number;
  readonly startedMs: number;
  /** When it was answered or its connection ended; until then absent. */
  endedMs?: number;
  status?: number;
}

/** What to answer, after how many milliseconds, and not before `after`. */
export interface Testimony {
  readonly status?: number;
  readonly delayMs?: number;
  readonly after?: Promise<unknown>;
}

/** A server that remembers who sent what to which endpoint, and when. */
export interface Witness {
  readonly url: string;
  readonly seen: readonly Seen[];
  answerWith(decide: (seen: Seen) => Testimony): void;
  close(): Promise<void>;
}

export async function startWitness(): Promise<Witness> {
  const seen: Seen[] = [];
  let decide = answerOk;
  const server = createServer((request, response) => {
    const take = async () => {
      const one = seenOf(request, await hear(request));
      seen.push(one);
      response.on("close", () => (one.endedMs = performance.now()));
      await answer(response, one, decide(one));
    };
    take().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    answerWith: (given) => (decide = given),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const answerOk = (_: Seen): Testimony => ({});

async function answer(
  response: ServerResponse,
  seen: Seen,
  { status = 200, delayMs = 0, after = Promise.resolve() }: Testimony,
): Promise<void> {
  await Promise.all([wait(delayMs), after]);
  if (response.destroyed) return;
  seen.status = status;
  response.writeHead(status).end();
}

async function hear(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

function seenOf({ headers, url = "" }: IncomingMessage, body: string): Seen {
  const { subject, sequence } = JSON.parse(body) as { subject?: string; sequence?: number };
  return {
    worker: String(headers["user-agent"]),
    endpoint: url,
    event: String(headers["webhook-id"]),
    subject,
    sequence,
    sentAt: Number(headers["webhook-timestamp"]),
    startedMs: performance.now(),
  };
}

/** Requests to one endpoint by two workers at the same time. */
export function overlapsIn(seen: readonly Seen[]): readonly string[] {
  const faults: string[] = [];
  for (const [endpoint, requests] of Map.groupBy(seen, (one) => one.endpoint)) {
    const open = new Map<string, number>();
    for (const { worker, event, startedMs, endedMs = Infinity } of requests) {
      for (const [other, untilMs] of open)
        if (other !== worker && untilMs > startedMs)
          faults.push(`${endpoint} ${event}: ${worker} while ${other} had one under way`);
      open.set(worker, Math.max(open.get(worker) ?? 0, endedMs));
    }
  }
  return faults;
}

/** Where something of a subject came to an endpoint after a later one, or before an earlier one had come. */
export function disorderIn(seen: readonly Seen[]): readonly string[] {
  const faults: string[] = [];
  const last = new Map<string, number>();
  for (const { endpoint, subject, sequence = 0 } of seen) {
    const key = `${endpoint} ${subject}`;
    const before = last.get(key) ?? 0;
    if (sequence < before || sequence > before + 1) faults.push(`${key}: ${sequence} after ${before}`);
    last.set(key, sequence);
  }
  return faults;
}
