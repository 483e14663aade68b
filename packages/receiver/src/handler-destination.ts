import type { DeliveryResult, Destination } from "./destination.ts";
import type { OnUnknownVersion, ReceivedEvent } from "./handlers.ts";
import type { Handled, Handling, TimedOut } from "./handling.ts";
import { reasonToPark } from "./parked.ts";

export interface HandlerDestinationOptions {
  readonly handling: Handling;
  /** Default `park`. */
  readonly onUnknownVersion?: OnUnknownVersion | undefined;
  /** An event type nobody handles, or with its `version` one that nobody knows; it counts as done. */
  readonly onUnhandled: (event: ReceivedEvent, version?: string) => void;
}

/** The name of the destination. */
export const HANDLERS = "handlers";

/**
 * Handlers as a destination. An event is confirmed when its handler has returned (or resolved), and tried again when it
 * threw, asked for it or took too long (it may still have its effect then). One that does not fit its contract, or that
 * its handler does not want, is rejected; a type without a handler is confirmed and counted; for an event of a version
 * without a contract see `OnUnknownVersion`.
 */
export function createHandlerDestination(options: HandlerDestinationOptions): Destination {
  const { handling, onUnhandled, onUnknownVersion = "park" } = options;
  return {
    name: HANDLERS,
    close: async () => handling.abort(),
    deliver: async (entry) => {
      const { received, inTime } = handling.handle(entry);
      return toResult(await inTime, received);
    },
  };

  function toResult(handled: Handled | TimedOut, received: ReceivedEvent): DeliveryResult {
    switch (handled.kind) {
      case "done":
        return { kind: "confirmed" };
      case "retry":
        return { kind: "retry", reason: handled.reason, waitMs: handled.waitMs };
      case "timeout":
        return { kind: "retry", reason: handled.reason };
      case "gone":
        return { kind: "rejected", reason: `gone: ${handled.reason}` };
      case "invalid":
        return { kind: "rejected", reason: handled.reason };
      case "unhandled":
        onUnhandled(received);
        return { kind: "confirmed" };
      case "unknown_version":
        if (onUnknownVersion === "park")
          return { kind: "rejected", reason: reasonToPark(received.type, handled.version) };
        onUnhandled(received, handled.version);
        return { kind: "confirmed" };
    }
  }
}
