import { within } from "./within.ts";
import type { DeliveryResult, Destination, OutgoingEntry } from "./destination.ts";

/** An event as a handler gets it. */
export interface ReceivedEvent {
  /** The same on every delivery of the event: the key to make a handler's effect happen once. */
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that were verified. */
  readonly body: Uint8Array;
  readonly receivedAt: Date;
  /** 1 the first time. */
  readonly attempt: number;
  /** The body parsed as JSON. Throws `SyntaxError` when it is none. */
  json(): unknown;
}

/** Handlers by event type, without contracts. */
export type UntypedHandlers = Readonly<Record<string, (event: ReceivedEvent) => unknown>>;

/** Handlers by event type, for the events of a contracts package. A type that has no contract does not compile. */
export type TypedHandlers<E extends { readonly type: string }> = {
  readonly [T in E["type"]]?: (event: Extract<E, { readonly type: T }>, received: ReceivedEvent) => unknown;
};

/** What is needed of a contracts package such as `@hooks/contracts`. */
export interface ConsumerContracts<E extends { readonly type: string }> {
  parseEvent(input: unknown): ParsedEvent<E>;
}

export type ParsedEvent<E> =
  | { readonly ok: true; readonly event: E }
  | {
      readonly ok: false;
      readonly code: string;
      readonly issues: readonly { readonly pointer: string; readonly message: string }[];
    };

/** What `createHandlerDestination` runs: handlers of either form, called with the event and what it came with. */
export interface HandlerDestinationOptions {
  readonly handlers: Readonly<Record<string, unknown>>;
  readonly contracts?: ConsumerContracts<{ readonly type: string }> | undefined;
  /** An event type nobody handles; it counts as done. */
  readonly onUnhandled?: (event: ReceivedEvent) => void;
  /** How long a handler may take. Default 60,000 ms. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Handlers as a destination. An event is confirmed when its handler has returned (or resolved), and tried again when
 * it threw or took longer than `timeoutMs` (it is not stopped then, and may still have its effect). An event that does not fit its contract is rejected; a type without a handler is confirmed and counted.
 */
export function createHandlerDestination(options: HandlerDestinationOptions): Destination {
  const { handlers, contracts, onUnhandled, timeoutMs = 60_000 } = options;
  return {
    name: "handlers",
    close: async () => {},
    deliver: async (entry) => {
      const received = toReceivedEvent(entry);
      const handler = Object.hasOwn(handlers, received.type) ? handlers[received.type] : undefined;
      if (typeof handler !== "function") {
        onUnhandled?.(received);
        return { kind: "confirmed" };
      }
      const parsed = contracts === undefined ? undefined : parse(contracts, received);
      if (parsed?.ok === false) return { kind: "rejected", reason: parsed.reason };
      const handling = run(() => handler(parsed?.event ?? received, received));
      if (await within(timeoutMs, handling)) return handling;
      return { kind: "retry", reason: `The handler did not end within ${timeoutMs} ms` };
    },
  };
}

async function run(handle: () => unknown): Promise<DeliveryResult> {
  try {
    await handle();
    return { kind: "confirmed" };
  } catch (error) {
    return { kind: "retry", reason: describe(error) };
  }
}

type Parsed =
  | { readonly ok: true; readonly event: unknown }
  | { readonly ok: false; readonly reason: string };

function parse(contracts: ConsumerContracts<{ readonly type: string }>, received: ReceivedEvent): Parsed {
  let input: unknown;
  try {
    input = received.json();
  } catch {
    return { ok: false, reason: "invalid_json" };
  }
  const result = contracts.parseEvent(input);
  if (result.ok) return result;
  const issues = result.issues.slice(0, 5).map(({ pointer, message }) => `${pointer} ${message}`);
  return { ok: false, reason: [result.code, ...issues].join(": ") };
}

function toReceivedEvent(entry: OutgoingEntry): ReceivedEvent {
  const { eventId, eventType = "", source, headers, body, receivedAtMs, attempt } = entry;
  return {
    id: eventId,
    type: eventType,
    source,
    headers,
    body,
    receivedAt: new Date(receivedAtMs),
    attempt,
    json: () => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)),
  };
}

function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, 500);
}
