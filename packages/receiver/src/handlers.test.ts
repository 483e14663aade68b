import { describeDestination, type Arrival } from "./destinations/conformance.ts";
import { createHandlerDestination, type ReceivedEvent } from "./handlers.ts";

let arrivals: Arrival[] = [];
let handle: (event: ReceivedEvent) => unknown;

const record = ({ id, type, source, body, headers }: ReceivedEvent) =>
  void arrivals.push({ id, type, source, body, headers });

describeDestination("handlers", {
  open: async () => {
    arrivals = [];
    handle = record;
    return createHandlerDestination({
      handlers: { "invoice.paid": (event: ReceivedEvent) => handle(event) },
      timeoutMs: 50,
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
