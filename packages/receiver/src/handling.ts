import { createReader, type ReadEvent } from "./contracts.ts";
import { matchHandler } from "./core/match-handler.ts";
import { own } from "./core/own.ts";
import { parseJson } from "./core/parse-json.ts";
import type { OutgoingEntry } from "./destination.ts";
import { describeError } from "./describe-error.ts";
import { runHandler } from "./handler-result.ts";
import type { AnyHandlers, ReceivedEvent } from "./handlers.ts";
import type { SourceHandlers } from "./payload-handlers.ts";
import type { SourceOptions } from "./source.ts";
import { within } from "./within.ts";

/** How handlers are run, whatever brings them events. */
export interface HandlingOptions {
  /**
   * Handlers of single sources, such as those of a provider with payloads of its own (`payloadHandlers`); `handlers` are
   * for all other sources.
   */
  readonly sourceHandlers?: Readonly<Record<string, SourceHandlers>>;
  /** After so long a handler counts as failed, and its `signal` aborts; whether it stops is up to it. */
  readonly handlerTimeoutMs?: number;
}

/** What became of an event that was given to its handler. */
export type Handled =
  | { readonly kind: "done" }
  /** Nobody handles its type. */
  | { readonly kind: "unhandled" }
  | { readonly kind: "retry"; readonly reason: string; readonly waitMs?: number }
  | { readonly kind: "gone"; readonly reason: string }
  /** It does not fit its contract, or is no JSON. */
  | { readonly kind: "invalid"; readonly reason: string }
  /** There is no contract for its version. */
  | { readonly kind: "unknown_version"; readonly version: string };

export interface TimedOut {
  readonly kind: "timeout";
  readonly reason: string;
}

/** An event being handled. Neither promise rejects. */
export interface HandlingRun {
  readonly received: ReceivedEvent;
  /** Within the handler's time, if need be with `timeout`. */
  readonly inTime: Promise<Handled | TimedOut>;
  /** What it came to in the end; never, for a handler that never ends. */
  readonly inTheEnd: Promise<Handled>;
}

export interface Handling {
  handle(entry: OutgoingEntry): HandlingRun;
  /** Aborts the signals of what is being handled: nobody waits for it any more. */
  abort(): void;
}

export interface CreateHandlingOptions extends HandlingOptions, AnyHandlers {
  readonly handlerTimeoutMs: number;
  /** Of which an event's says what its provider is. */
  readonly sources?: Readonly<Record<string, Pick<SourceOptions, "provider">>>;
}

export function createHandling(options: CreateHandlingOptions): Handling {
  const { handlerTimeoutMs, sources = {} } = options;
  const sourceHandlers = new Map(Object.entries(options.sourceHandlers ?? {}));
  const others = readByContracts(options);
  const running = new Set<AbortController>();

  const handle = (entry: OutgoingEntry): HandlingRun => {
    const abort = new AbortController();
    running.add(abort);
    const provider = own(sources, entry.source)?.provider;
    const id = typeof provider === "object" ? provider.id : provider;
    const received = toReceivedEvent(entry, { provider: id, signal: abort.signal });
    const rows = sourceHandlers.get(entry.source) ?? others;
    const inTheEnd = find(rows, received).finally(() => running.delete(abort));
    return { received, inTheEnd, inTime: inTimeOf(inTheEnd, { abort, timeoutMs: handlerTimeoutMs }) };
  };
  return {
    handle,
    abort: () => {
      for (const controller of running) controller.abort(new Error("The process is about to end"));
    },
  };
}

function readByContracts({ handlers, contracts, migrations, majors }: AnyHandlers): SourceHandlers {
  if (contracts === undefined) return { handlers, read: (event) => ({ kind: "event", event }) };
  const readEvent = createReader({ contracts, migrations, majors });
  return { handlers, read: (received) => readEvent(received.json()) };
}

async function find({ handlers, read }: SourceHandlers, received: ReceivedEvent): Promise<Handled> {
  const handler = matchHandler(handlers, received.type);
  if (typeof handler !== "function") return { kind: "unhandled" };
  let found: ReadEvent;
  try {
    found = read(received);
  } catch (error) {
    return { kind: "invalid", reason: error instanceof SyntaxError ? "invalid_json" : describeError(error) };
  }
  switch (found.kind) {
    case "event":
      return runHandler(() => handler(found.event, received));
    case "unknown_type":
      return { kind: "unhandled" };
    case "unknown_version":
    case "invalid":
      return found;
  }
}

interface TimeLimit {
  readonly abort: AbortController;
  readonly timeoutMs: number;
}

async function inTimeOf(
  handling: Promise<Handled>,
  { abort, timeoutMs }: TimeLimit,
): Promise<Handled | TimedOut> {
  if (await within(timeoutMs, handling)) return handling;
  const reason = `The handler did not end within ${timeoutMs} ms`;
  abort.abort(new DOMException(reason, "TimeoutError"));
  return { kind: "timeout", reason };
}

function toReceivedEvent(
  entry: OutgoingEntry,
  { provider, signal }: Pick<ReceivedEvent, "provider" | "signal">,
): ReceivedEvent {
  const { eventId, eventType = "", source, headers, body, receivedAtMs, attempt } = entry;
  return {
    id: eventId,
    type: eventType,
    source,
    provider,
    headers,
    body,
    receivedAt: new Date(receivedAtMs),
    attempt,
    signal,
    json: () => parseJson(body),
  };
}
