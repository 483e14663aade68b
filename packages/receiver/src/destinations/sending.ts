import { describeError } from "../describe-error.ts";
import type { DeliveryResult, Destination, OutgoingEntry } from "../destination.ts";

/** What differs from one kind of destination to another. */
export interface SendingOptions {
  readonly name: string;
  /** What the reasons of failures begin with. */
  readonly kind: string;
  /** The longest that `send` is waited for. What it does after that is nobody's; the entry is sent again. */
  readonly timeoutMs: number;
  /** Resolves when the other side has the event for good, or gives another answer; may throw and may hang. */
  send(entry: OutgoingEntry): Promise<DeliveryResult | undefined>;
  /** Lets go of the connection; called when nothing is on its way any more. */
  end(): Promise<unknown> | void;
}

/** A destination that always answers, within its time, and when closed lets what is on its way arrive first. */
export function createSending({ name, kind, timeoutMs, send, end }: SendingOptions): Destination {
  const underWay = new Set<Promise<DeliveryResult>>();
  let closing: Promise<void> | undefined;

  const attempt = async (entry: OutgoingEntry): Promise<DeliveryResult> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<DeliveryResult>((resolve) => {
      const reason = `${kind}: no answer within ${timeoutMs} ms`;
      timer = setTimeout(() => resolve({ kind: "retry", reason }), timeoutMs);
    });
    try {
      return (await Promise.race([send(entry), late])) ?? { kind: "confirmed" };
    } catch (error) {
      return { kind: "retry", reason: `${kind}: ${describeError(error)}` };
    } finally {
      clearTimeout(timer);
    }
  };
  const close = async () => {
    await Promise.all(underWay);
    await end();
  };
  return {
    name,
    deliver: async (entry) => {
      if (closing !== undefined) return { kind: "retry", reason: `${kind}: the destination is closed` };
      const delivering = attempt(entry);
      underWay.add(delivering);
      try {
        return await delivering;
      } finally {
        underWay.delete(delivering);
      }
    },
    close: () => (closing ??= close()),
  };
}

/** The headers a message carries: those that were kept, and what names the event. No sender can set the latter. */
export function messageHeaders(entry: OutgoingEntry): Record<string, string> {
  const { headers, source, eventId, eventType } = entry;
  return {
    ...headers,
    "hooks-source": source,
    "hooks-event-id": eventId,
    ...(eventType === undefined ? {} : { "hooks-event-type": eventType }),
  };
}

/** The bytes without a copy, in the form that clients for Node.js want. */
export function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
