import { describeDestination, type Arrival } from "./destinations/conformance.ts";
import { createHandlerDestination } from "./handler-destination.ts";
import type { ReceivedEvent } from "./handlers.ts";
import { createHandling } from "./handling.ts";

let arrivals: Arrival[] = [];
let handle: (event: ReceivedEvent) => unknown;

const record = ({ id, type, source, body, headers }: ReceivedEvent) =>
  void arrivals.push({ id, type, source, body, headers });

describeDestination("handlers", {
  deduplicates: false,
  open: async () => {
    arrivals = [];
    handle = record;
    const handlers = { "invoice.paid": (event: ReceivedEvent) => handle(event) };
    return createHandlerDestination({
      handling: createHandling({ handlers, handlerTimeoutMs: 50 }),
      onUnhandled: () => {},
    });
  },
  arrivals: async () => arrivals,
  breakDown: async () => {
    handle = () => {
      throw new Error("database away");
    };
  },
  fallSilent: async () => void (handle = () => new Promise(() => {})),
  repair: async () => void (handle = record),
  close: async () => {},
});
