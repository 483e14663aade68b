import {
  createReader,
  type ConsumerContracts,
  type ContractMigrations,
  type EventOf,
  type NewestEventOf,
  type ReadEvent,
} from "./contracts.ts";
import type { DeliveryResult, Destination, OutgoingEntry } from "./destination.ts";
import { reasonToPark } from "./parked.ts";
import { within } from "./within.ts";

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
  readonly [T in E["type"]]?: (event: EventOf<E, T>, received: ReceivedEvent) => unknown;
};

/** The same where migrations are installed: events of older majors come as the newest. */
export type NewestHandlers<E extends { readonly type: string }> = {
  readonly [T in E["type"]]?: (event: NewestEventOf<E, T>, received: ReceivedEvent) => unknown;
};

/**
 * What becomes of an event of a major without a contract: `park` keeps it aside until it is released, `accept` counts it
 * as done like one that nobody handles.
 */
export type OnUnknownVersion = "park" | "accept";

/** What `createHandlerDestination` runs: handlers of either form, called with the event and what it came with. */
export interface HandlerDestinationOptions {
  readonly handlers: Readonly<Record<string, unknown>>;
  readonly contracts?: ConsumerContracts<{ readonly type: string }> | undefined;
  readonly migrations?: ContractMigrations | undefined;
  /** Default `park`. */
  readonly onUnknownVersion?: OnUnknownVersion | undefined;
  /** An event type nobody handles, or with its `version` one that nobody knows; it counts as done. */
  readonly onUnhandled?: (event: ReceivedEvent, version?: string) => void;
  /** How long a handler may take. Default 60,000 ms. */
  readonly timeoutMs?: number | undefined;
}

/** The name of the destination. */
export const HANDLERS = "handlers";

/**
 * Handlers as a destination. An event is confirmed when its handler has returned (or resolved), and tried again when
 * it threw or took longer than `timeoutMs` (it is not stopped then, and may still have its effect). An event that does not fit its
 * contract is rejected; a type without a handler is confirmed and counted; for an event of a version without a contract
 * see `OnUnknownVersion`.
 */
export function createHandlerDestination(options: HandlerDestinationOptions): Destination {
  const { handlers, contracts, migrations, onUnhandled, timeoutMs = 60_000 } = options;
  const { onUnknownVersion = "park" } = options;
  const reader = contracts === undefined ? undefined : createReader({ contracts, migrations });
  return {
    name: HANDLERS,
    close: async () => {},
    deliver: async (entry) => {
      const received = toReceivedEvent(entry);
      const handler = Object.hasOwn(handlers, received.type) ? handlers[received.type] : undefined;
      if (typeof handler !== "function") {
        onUnhandled?.(received);
        return { kind: "confirmed" };
      }
      const found: ReadEvent =
        reader === undefined ? { kind: "event", event: received } : read(reader, received);
      switch (found.kind) {
        case "invalid":
          return { kind: "rejected", reason: found.reason };
        case "unknown_version":
          if (onUnknownVersion === "park")
            return { kind: "rejected", reason: reasonToPark(received.type, found.version) };
          onUnhandled?.(received, found.version);
          return { kind: "confirmed" };
        case "event": {
          const handling = run(() => handler(found.event, received));
          if (await within(timeoutMs, handling)) return handling;
          return { kind: "retry", reason: `The handler did not end within ${timeoutMs} ms` };
        }
      }
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

function read(reader: (input: unknown) => ReadEvent, received: ReceivedEvent): ReadEvent {
  let input: unknown;
  try {
    input = received.json();
  } catch {
    return { kind: "invalid", reason: "invalid_json" };
  }
  return reader(input);
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
