import { hash } from "node:crypto";
import type { Egress, EgressResult } from "@hooks/egress";
import { parseRetryAfter } from "@hooks/retry";
import { parseSigningKey, sign } from "@hooks/signing";
import { eventIdForm } from "../core/refusal.ts";
import type { DeliveryResult, Destination, OutgoingEntry } from "../destination.ts";
import { createSending, messageHeaders } from "./sending.ts";

export interface HttpDestinationOptions {
  readonly name: string;
  readonly url: string;
  /** The client all requests go through; it decides which addresses may be reached. The caller closes it. */
  readonly egress: Pick<Egress, "request">;
  /**
   * Signs every attempt as Standard Webhooks says, with the event's id as `webhook-id` and the time of the attempt; several
   * while a secret is being rotated. An id that Standard Webhooks does not allow (providers' may have a dot) is signed as its
   * SHA-256 in hex. The provider's own `webhook-*` headers then stay behind. Default: nothing is signed.
   */
  readonly secrets?: readonly string[] | undefined;
  /** For the whole exchange. Default 15,000 ms. */
  readonly timeoutMs?: number;
  readonly clock?: () => number;
}

/**
 * Posts the body exactly as it was received, with the headers that were kept (so that the receiver may verify the
 * signature itself) and `hooks-source`, `hooks-event-id`, `hooks-event-type`. Any 2xx confirms; everything else is
 * tried again, `Retry-After` obeyed within the limits of `nextDelayMs` of `@hooks/retry`; 429, 503 and silence mean
 * `overloaded`.
 *
 * @throws KeyError for a bad secret, or more than ten.
 */
export function createHttpDestination(options: HttpDestinationOptions): Destination {
  const { name, url, egress, secrets = [], timeoutMs = 15_000, clock = Date.now } = options;
  const keys = secrets.map((secret) => parseSigningKey(secret));
  const headersOf = (entry: OutgoingEntry) => {
    if (keys.length === 0) return messageHeaders(entry);
    const kept = Object.entries(messageHeaders(entry)).filter(([header]) => !header.startsWith("webhook-"));
    const signed = sign({ id: signableId(entry), timestamp: clock(), body: entry.body, keys });
    return { ...Object.fromEntries(kept), ...signed };
  };
  return createSending({
    name,
    kind: "http",
    // After the client's own, which says more.
    timeoutMs: timeoutMs + 1_000,
    send: async (entry) => {
      const headers = headersOf(entry);
      const result = await egress.request({ method: "POST", url, headers, body: entry.body, timeoutMs });
      return toDeliveryResult(result, clock());
    },
    end: () => {},
  });
}

/** A dot parts id, timestamp and body in what is signed, so that Standard Webhooks has none in an id. */
function signableId({ eventId }: OutgoingEntry): string {
  return eventIdForm.test(eventId) ? eventId : hash("sha256", eventId, "hex");
}

function toDeliveryResult(result: EgressResult, nowMs: number): DeliveryResult {
  switch (result.kind) {
    case "failed":
      return { kind: "retry", reason: result.reason, overloaded: result.reason === "timeout" };
    case "response": {
      const { status, headers } = result;
      if (status >= 200 && status < 300) return { kind: "confirmed" };
      const retryAfterMs = parseRetryAfter(headers["retry-after"], nowMs);
      const overloaded = status === 429 || status === 503;
      return { kind: "retry", reason: `http_status ${status}`, retryAfterMs, overloaded };
    }
  }
}
