import type { ReadEvent } from "./contracts.ts";
import type { ReceivedEvent, TypePattern, TypesOf } from "./handlers.ts";

/** Handlers for the payloads of a provider, by its names of event types. */
export type PayloadHandlers<Payloads> = {
  readonly [P in TypePattern<keyof Payloads & string>]?: (
    payload: Payloads[TypesOf<keyof Payloads & string, P>],
    received: ReceivedEvent,
  ) => unknown;
};

/** Handlers of one source; made by `payloadHandlers`. */
export interface SourceHandlers {
  readonly handlers: Readonly<Record<string, unknown>>;
  /** Gives what the handlers take. What it throws says that the event never can be handled. */
  readonly read: (received: ReceivedEvent) => ReadEvent;
}

/** Payloads by their types, of a union such as `Stripe.Event`. */
export type PayloadsByType<Union extends { readonly type: string }> = {
  [Member in Union as Member["type"]]: Member;
};

/**
 * Handlers for a provider whose payloads somebody else has typed: `payloadHandlers<{ push: PushEvent }>({ push: … })`.
 * The types are believed, not checked; the signature was. A payload is the body's JSON, or the fields of a form.
 */
export function payloadHandlers<Payloads = Record<string, unknown>>(
  handlers: PayloadHandlers<Payloads>,
): SourceHandlers {
  return { handlers, read: (received) => ({ kind: "event", event: readPayload(received) }) };
}

function readPayload(received: ReceivedEvent): unknown {
  const [type = ""] = (received.headers["content-type"] ?? "").split(";", 1);
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded") return received.json();
  return Object.fromEntries(new URLSearchParams(new TextDecoder().decode(received.body)));
}
