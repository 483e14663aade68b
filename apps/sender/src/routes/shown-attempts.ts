import type { Attempt, Delivery, Sender } from "@hooks/sender";
import { shownResponse } from "../redaction.ts";

/** The attempts of a delivery without answers that hold what is sensitive, or of which nobody can tell. */
export async function shownAttempts(
  attempts: readonly Attempt[],
  delivery: Pick<Delivery, "event">,
  sender: Pick<Sender, "events" | "contracts">,
): Promise<readonly Attempt[]> {
  const event = attempts.some(({ response }) => response !== undefined)
    ? await sender.events.get(delivery.event)
    : undefined;
  return attempts.map(({ response, ...attempt }) =>
    response === undefined || event === undefined
      ? attempt
      : { ...attempt, response: shownResponse(response, event, sender.contracts) },
  );
}
