import { type Event, type EventType, parseEvent } from "@hooks/contracts";
import type { TypedHandlers } from "@hooks/receiver";

/** The types that are about customers, and not about the delivering itself. */
export type BusinessEventType = Exclude<
  EventType,
  `endpoint.${string}` | `delivery.${string}` | `replay.${string}` | `contract.${string}`
>;

/**
 * What the consumer does about each event, in a sentence. A misspelt type, a member that the contract does not have or
 * a business event without handler does not compile.
 */
const handlers: TypedHandlers<Event> & Record<BusinessEventType, unknown> = {
  "user.created": ({ data }) => `welcomes ${data.object.email}`,
  "user.email_changed": ({ data }) => `writes to ${data.object.email} from now on`,
  "user.deleted": ({ data }) => `forgets user ${data.object.id.slice(0, 8)}`,
  "order.created": ({ data }) => `packs ${countItems(data.object.items)} for ${data.object.id}`,
  "order.shipped": ({ data }) => `tells that ${data.object.id} is on its way by ${data.object.carrier}`,
  "order.cancelled": ({ data }) => `takes back ${data.object.id}`,
  "invoice.paid": ({ data }) => `thanks for ${data.object.id}`,
  "invoice.payment_failed": ({ data }) => `asks for ${data.object.id} again: ${data.object.reason}`,
  "refund.created": ({ data }) =>
    `pays back ${data.object.amount.amount / 100} ${data.object.amount.currency}`,
  "payment_method.attached": ({ data }) => `keeps ${data.object.id}`,
  "subscription.updated": ({ data }) =>
    `sets ${data.object.id} to ${data.object.plan}, ${data.object.status}`,
  "file.uploaded": ({ data }) => `scans ${data.object.id}, ${data.object.size} bytes`,
  "file.scanned": ({ data }) => `releases ${data.object.id}`,
  "file.deleted": ({ data }) => `drops ${data.object.id}`,
};

function countItems(items: readonly { readonly quantity: number }[]): string {
  const count = items.reduce((sum, { quantity }) => sum + quantity, 0);
  return count === 1 ? "1 item" : `${count} items`;
}

/** An event and what was done about it. */
export interface ConsumedEvent {
  readonly id: string;
  readonly type: EventType;
  readonly note: string;
}

export type HandledEvent =
  | ({ readonly ok: true } & ConsumedEvent)
  | { readonly ok: false; readonly reason: string };

/** Parses an envelope by its contract and runs its handler. */
export function handleEvent(body: unknown): HandledEvent {
  const parsed = parseEvent(body);
  if (!parsed.ok) return { ok: false, reason: parsed.code };
  const { event } = parsed;
  // The row of a type takes the events of that type; the compiler cannot see that across a look-up.
  const handle = handlers[event.type] as ((event: Event) => unknown) | undefined;
  if (handle === undefined) return { ok: false, reason: `no handler for ${event.type}` };
  return { ok: true, id: event.id, type: event.type, note: String(handle(event)) };
}
